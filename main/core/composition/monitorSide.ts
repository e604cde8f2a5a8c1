import { createDeploy } from '../agents/deploy.ts';
import type { Config } from '../config/schema.ts';
import type { ServicesOptions } from '../engineServicesOptions.ts';
import type { MailService } from '../mail/mailService.ts';
import { createMonitorService, type MonitorService } from '../monitor/monitorService.ts';
import type { RuntimeRegistry } from '../runtimes/registry.ts';
import type { AgentSide } from './agentSide.ts';
import type { RoomSide } from './roomSide.ts';

/** Puts together tier 2 of the watchdog: the monitor, an agent that is told of verdicts. */
export function composeMonitor(
  options: ServicesOptions,
  parts: {
    readonly roomSide: RoomSide;
    readonly agents: AgentSide;
    readonly mail: MailService;
    readonly registry: RuntimeRegistry;
    readonly config: () => Config;
  },
): MonitorService {
  const { projectRoot, overstoryDirectory, clock, log, stores, hub } = options;
  const { config, registry } = parts;
  return createMonitorService({
    projectRoot,
    clock,
    log,
    config,
    stores,
    registry,
    mail: parts.mail,
    lifecycle: parts.agents.lifecycle,
    changes: parts.roomSide.changes,
    deploy: createDeploy({
      projectRoot,
      overstoryDirectory,
      clock,
      config,
      manifest: () => options.manifest,
      registry,
    }),
    evidence: () => Object.values(hub.state('evidence').byId),
  });
}
