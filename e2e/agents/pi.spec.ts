import { describe } from 'vitest';
import { useAgentStage } from './support/agentStage.ts';
import { agentCases } from './support/cases.ts';
import { pi } from './support/stagedRuntimes.ts';

describe('Pi', () => agentCases(pi, useAgentStage(pi)));
