import { describe } from 'vitest';
import { useAgentStage } from './support/agentStage.ts';
import { agentCases } from './support/cases.ts';
import { gemini } from './support/stagedRuntimes.ts';

describe('Gemini CLI', () => agentCases(gemini, useAgentStage(gemini)));
