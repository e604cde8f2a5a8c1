import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders of a room of faults, beside its project. */
export interface ScriptFolders {
  /** First on the agents' PATH. */
  readonly bin: string;
  /** Shell scripts by agent, and what they count. */
  readonly scripts: string;
  /** `agent<TAB>file` for each file an agent wrote, `agent commit` for each commit it made. */
  readonly files: string;
  readonly commits: string;
}

export function scriptFolders(root: string): ScriptFolders {
  const base = join(root, '.overstory', 'faults');
  return {
    bin: join(base, 'bin'),
    scripts: join(base, 'scripts'),
    files: join(base, 'files'),
    commits: join(base, 'commits'),
  };
}

/** Writes `claude`, `codex` and `keep` for the PATH, and a hook that notes every commit. */
export async function writeScriptedClis(root: string): Promise<ScriptFolders> {
  const folders = scriptFolders(root);
  await mkdir(folders.bin, { recursive: true });
  await mkdir(folders.scripts, { recursive: true });
  const program = async (path: string, text: string): Promise<void> => {
    await writeFile(path, text);
    await chmod(path, 0o755);
  };
  await program(join(folders.bin, 'claude'), cli(folders, '2.1.281 (Claude Code)'));
  await program(join(folders.bin, 'codex'), cli(folders, 'codex-cli 0.156.1'));
  // A program whose interpreter is gone, as after half an update.
  await program(join(folders.bin, 'copilot'), '#!/no/such/interpreter\n');
  await program(
    join(folders.bin, 'keep'),
    `#!/bin/sh
for file; do
  case $file in */*) mkdir -p "\${file%/*}" ;; esac
  echo "$OVERSTORY_AGENT_NAME $file" > "$file" && printf '%s\\t%s\\n' "$OVERSTORY_AGENT_NAME" "$file" >> ${quote(folders.files)}
done
`,
  );
  await program(
    join(root, '.git', 'hooks', 'post-commit'),
    `#!/bin/sh\n[ -z "$OVERSTORY_AGENT_NAME" ] || echo "$OVERSTORY_AGENT_NAME $(git rev-parse HEAD)" >> ${quote(folders.commits)}\n`,
  );
  return folders;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A stand-in for a CLI: reads its input, then plays the script of the agent it is started for. */
function cli(folders: ScriptFolders, version: string): string {
  return `#!/bin/sh
[ "$1" = --version ] && { echo ${quote(version)}; exit 0; }
arguments="$*"
agent=$OVERSTORY_AGENT_NAME
session="11111111-2222-4333-8444-$(printf %s "$agent" | cksum | { read -r sum _; printf %012d "$sum"; })"
count=${quote(folders.scripts)}/$agent.turns
turn=$(( $(cat "$count" 2>/dev/null || echo 0) + 1 ))
echo $turn > "$count"
cat > /dev/null
emit() { printf '%s\\n' "$1"; }
init() { emit '{"type":"system","subtype":"init","session_id":"'"$session"'","model":"scripted"}'; }
say() { emit '{"type":"assistant","message":{"content":[{"type":"text","text":"'"$1"'"}]}}'; }
tool() { emit '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"'"\${2:-call}"'","name":"Bash","input":{"command":"'"$1"'"}}]}}'; }
toolEnd() { emit '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"'"\${2:-call}"'","content":"'"$1"'"}]}}'; }
waits() { emit '{"type":"system","subtype":"api_retry","attempt":'$1',"max_retries":6,"retry_delay_ms":'$2',"error_status":'$3',"error":"'"$4"'"}'; }
result() { emit '{"type":"result","subtype":"success","is_error":false,"duration_ms":1,"num_turns":1,"session_id":"'"$session"'","result":"'"\${1:-done}"'","total_cost_usd":0}'; exit 0; }
failed() { emit '{"type":"result","subtype":"success","is_error":true,"duration_ms":1,"num_turns":1,"session_id":"'"$session"'","api_error_status":'$1',"result":"'"$2"'"}'; exit 1; }
hang() { exec sleep 100000; }
save() { git add -A . ':!.claude' && git -c user.name=$agent -c user.email=$agent@localhost commit -qm "$1" > /dev/null; }
first() { [ $turn = 1 ]; }
runs() { grep -qs '^State:[[:space:]]*[^ZX[:space:]]' /proc/$1/status; }
. ${quote(folders.scripts)}/$agent.sh
`;
}
