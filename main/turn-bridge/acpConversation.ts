import {
  type ClientContext,
  type InitializeResponse,
  methods,
  RequestError,
  type SessionConfigOption,
} from '@agentclientprotocol/sdk';

/** The protocol's code for "log in first". */
export const AUTHENTICATION_REQUIRED = -32000;
/** A request nobody knows: its answer tells that everything sent before it has arrived. */
const ECHO = '_overstory/echo';
/** Milliseconds a resumed agent gets to finish telling its history. */
const HISTORY_WITHIN_MS = 5_000;

/** What is to be opened. */
export interface Opening {
  readonly cwd: string;
  /** Conversation to go on with; null begins one. */
  readonly resumeId: string | null;
}

export type Conversation =
  | { readonly known: true; readonly id: string; readonly options: readonly SessionConfigOption[] }
  | { readonly known: false; readonly reason: string };

/** Begins a conversation, or goes on with one by whatever the agent offers for it. */
export async function openConversation(
  agent: ClientContext,
  about: InitializeResponse,
  { cwd, resumeId }: Opening,
  updates: { readonly count: number },
): Promise<Conversation> {
  if (resumeId === null) {
    const opened = await agent.request(methods.agent.session.new, { cwd, mcpServers: [] });
    return { known: true, id: opened.sessionId, options: opened.configOptions ?? [] };
  }
  const can = about.agentCapabilities;
  const notFound = (reason: string): Conversation => ({
    known: false,
    reason: `No conversation found with session ID: ${resumeId} (${reason})`,
  });
  try {
    if (can?.sessionCapabilities?.resume) {
      const opened = await agent.request(methods.agent.session.resume, { cwd, sessionId: resumeId, mcpServers: [] });
      return { known: true, id: resumeId, options: opened.configOptions ?? [] };
    }
    if (can?.loadSession === true) {
      const opened = await agent.request(methods.agent.session.load, { cwd, sessionId: resumeId, mcpServers: [] });
      await historyTold(agent, updates);
      return { known: true, id: resumeId, options: opened.configOptions ?? [] };
    }
    return notFound('this agent keeps no conversations');
  } catch (error) {
    if (!(error instanceof RequestError) || error.code === AUTHENTICATION_REQUIRED) throw error;
    return notFound(error.message);
  }
}

/**
 * Waits until a loaded conversation has been told again. The protocol wants that before `session/load` is answered, but Gemini
 * goes on afterwards (seen with 0.61.0): so an echo is asked for until one comes back with nothing told in between.
 */
async function historyTold(agent: ClientContext, updates: { readonly count: number }): Promise<void> {
  const until = performance.now() + HISTORY_WITHIN_MS;
  let seen = -1;
  while (seen !== updates.count && performance.now() < until) {
    seen = updates.count;
    const echo = agent.request(ECHO, {}).catch((error: unknown) => {
      // "Not known" is the answer that was wanted; anything else is the connection's end.
      if (!(error instanceof RequestError)) throw error;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((done) => {
      timer = setTimeout(done, Math.max(0, until - performance.now()));
    });
    await Promise.race([echo, late]);
    clearTimeout(timer);
  }
}

/** Chooses the model where the agent offers it by that name; an agent without the choice keeps its own. */
export async function chooseModel(
  agent: ClientContext,
  conversation: { readonly id: string; readonly options: readonly SessionConfigOption[] },
  model: string | null,
): Promise<void> {
  if (model === null || model === '') return;
  const option = conversation.options.find(
    (candidate) => candidate.category === 'model' && candidate.type === 'select',
  );
  if (option === undefined || option.type !== 'select') return;
  const offered = option.options.flatMap((entry) => ('options' in entry ? entry.options : [entry]));
  const chosen = offered.find((entry) => entry.value === model || entry.name === model);
  if (chosen === undefined) {
    process.stderr.write(`the agent offers no model "${model}"; it keeps its own\n`);
    return;
  }
  await agent.request(methods.agent.session.setConfigOption, {
    sessionId: conversation.id,
    configId: option.id,
    value: chosen.value,
  });
}
