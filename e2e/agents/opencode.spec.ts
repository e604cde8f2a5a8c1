import { describe } from 'vitest';
import { useAgentStage } from './support/agentStage.ts';
import { agentCases } from './support/cases.ts';
import { opencode } from './support/stagedRuntimes.ts';

describe('OpenCode', () => agentCases(opencode, useAgentStage(opencode)));
