/** Node-API version better-sqlite3 13 is built for; with an older one it crashes the process instead of failing (environment.md). */
export const REQUIRED_NODE_API = 10;

/** True when this process can load the SQLite binding. */
export function canLoadStores(versions: Readonly<Record<string, string | undefined>> = process.versions): boolean {
  return Number(versions.napi ?? 0) >= REQUIRED_NODE_API;
}

/**
 * First call of every entry point that may open a database: on an old Node it prints one line that says what to do and
 * ends with exit code 1.
 */
export function requireNodeApi(entry: string): void {
  if (canLoadStores()) return;
  process.stderr.write(
    `${entry}: this needs Node 22.14 or newer (Node-API ${REQUIRED_NODE_API}); this is Node ${process.versions.node} with Node-API ${process.versions.napi ?? 'none'}. Run it through npm ("npm start", "npm run ov"), which brings its own Node.\n`,
  );
  process.exit(1);
}
