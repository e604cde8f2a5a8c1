import { describe } from 'vitest';
import { useAgentStage } from './support/agentStage.ts';
import { agentCases } from './support/cases.ts';
import { copilot } from './support/stagedRuntimes.ts';

describe('GitHub Copilot CLI', () => agentCases(copilot, useAgentStage(copilot)));
