// `npm start`: runs start.ts, and keeps what it loads in compiled form for the next start. A file of its own, because types
// are stripped from start.ts before its first line runs, and stripping without the cache loads a compiler first.
'use strict';

const { homedir } = require('node:os');
const { join } = require('node:path');

// The place main/cli/index.ts uses. An older Node has no cache, and is told by start.ts what to do.
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
require('node:module').enableCompileCache?.(join(cache, 'overstory-control-room', 'node'));
import('./start.ts');
