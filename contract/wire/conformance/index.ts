/**
 * The conformance suite: what every transport must show, as plain functions that throw. It has no test runner of its
 * own, so that any layer can run it over its channels (main/platform/conformance.test.ts, renderer/client).
 */
import { callCases } from './calls.ts';
import type { ConformanceCase } from './probe.ts';
import { streamCases } from './streams.ts';
import { topicCases } from './topics.ts';

export type { ConformanceCase, Transport } from './probe.ts';
export const conformanceCases: readonly ConformanceCase[] = [...callCases, ...topicCases, ...streamCases];
