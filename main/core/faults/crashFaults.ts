import { dead, type Fault, FINISHED, rehearsal, retried, scripted } from './fault.ts';

const BY_SIGNAL = /process ended by signal/;

/** Agents that die at every point of a turn, and what they leave behind. */
export const CRASH_FAULTS: readonly Fault[] = [
  scripted('crash-start', 'ends before its first event', retried(/exit code 1/), 'first && exit 1\ninit; result'),
  scripted('crash-init', 'is killed after its first event', retried(BY_SIGNAL), 'init; first && kill -9 $$\nresult'),
  rehearsal(
    'crash-text',
    'crashes after its first words',
    retried(/exit code/),
    'start:\n  - say: begun\n  - crash\n  - say: on',
  ),
  scripted(
    'crash-tool',
    'is killed in mid-tool',
    retried(BY_SIGNAL),
    'init; tool "make"; keep made.txt; first && kill -9 $$\ntoolEnd ok; result',
  ),
  rehearsal(
    'crash-write',
    'is killed between writing and committing',
    retried(BY_SIGNAL),
    'start:\n  - run: keep written.txt\n  - crash: { signal: SIGKILL }\n  - commit: written',
  ),
  rehearsal(
    'crash-commit',
    'is killed right after a commit',
    retried(BY_SIGNAL),
    'start:\n  - run: keep committed.txt\n  - commit: committed\n  - crash: { signal: SIGKILL }\n  - say: on',
  ),
  scripted(
    'crash-mute',
    'ends with 0 and without a result',
    retried(/exit code 0 and no result/),
    'init; first && exit 0\nresult',
  ),
  scripted('crash-late', 'crashes after its result', FINISHED, 'init; (result); exit 3'),
  rehearsal(
    'crash-report',
    'is killed after it reported its work',
    FINISHED,
    'start:\n  - run: keep report.txt\n  - commit: work\n  - taskDone: All of it.\n  - crash: { signal: SIGKILL }',
  ),
  scripted(
    'crash-always',
    'crashes at every attempt',
    dead(/signal 11; gave up after 2/),
    'init; keep before.txt; kill -SEGV $$',
  ),
  scripted('crash-abort', 'aborts', retried(BY_SIGNAL), 'init; first && kill -ABRT $$\nresult'),
  scripted(
    'crash-term',
    'ends itself by SIGTERM',
    retried(BY_SIGNAL),
    'init; say going; first && kill -TERM $$\nresult',
  ),
  rehearsal(
    'crash-hangup',
    'loses its terminal',
    retried(/exit code 129/),
    'start:\n  - say: begun\n  - crash: { signal: SIGHUP }\n  - say: on',
  ),
  scripted(
    'crash-lock',
    'dies in mid-commit and leaves the lock of the index',
    retried(BY_SIGNAL),
    'init; lock=$(git rev-parse --git-path index.lock)\nif first; then keep l.txt; touch "$lock"; kill -9 $$; fi\nrm -f "$lock"; save l; result',
  ),
  scripted(
    'crash-half',
    'dies in the middle of a line',
    retried(BY_SIGNAL),
    `init; if first; then printf '{"type":"assistant","mess'; kill -9 $$; fi\nresult`,
  ),
  scripted(
    'crash-child',
    'dies and leaves a child that writes on',
    retried(BY_SIGNAL),
    `init; if first; then setsid sh -c 'trap "" INT TERM HUP; echo $$ > child.pid; while :; do date > beside.txt; sleep 0.2; done' > /dev/null 2>&1 &\n until [ -s child.pid ]; do sleep 0.05; done; kill -9 $$; fi\nruns $(cat child.pid) && failed 500 "the child is left"; result`,
  ),
  scripted(
    'crash-children',
    'dies and leaves a tree three deep',
    retried(BY_SIGNAL),
    `init; if first; then sh -c 'sh -c "sleep 100000 & echo \\$! > deep.pid; wait" & wait' &\n until [ -s deep.pid ]; do sleep 0.05; done; kill -9 $$; fi\nruns $(cat deep.pid) && failed 500 "the grandchild is left"; result`,
  ),
  scripted(
    'crash-leaves',
    'ends well and leaves a background process',
    FINISHED,
    'init; sleep 30 > /dev/null 2>&1 &\nresult',
  ),
  scripted(
    'fork-storm',
    'starts a hundred and fifty processes at once',
    FINISHED,
    'init; tool storm; i=0; while [ $i -lt 150 ]; do sleep 1 & i=$((i+1)); done; wait; toolEnd ok; keep storm.txt; result',
  ),
  scripted(
    'crash-detached',
    'dies with a commit on no branch',
    retried(BY_SIGNAL),
    'init; if first; then git checkout -q --detach; keep d.txt; save d; kill -9 $$; fi\ngit branch -q kept-$agent 2>/dev/null; git checkout -q -; git merge -q --ff-only kept-$agent; result',
  ),
];
