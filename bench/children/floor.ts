// The least that a commit on another client's screen can cost: a row into SQLite, then straight to every other connection.
import { watch } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import Database from 'better-sqlite3';
import { WebSocketServer } from 'ws';

const [socketPath = '', folder = ''] = process.argv.slice(2);
const database = new Database(`${folder}/floor.db`);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = NORMAL');
database.exec('CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY, subject TEXT)');
const insert = database.prepare('INSERT INTO mail (subject) VALUES (?)');
const version = database.prepare('PRAGMA data_version').pluck();
const newest = database.prepare('SELECT subject FROM mail ORDER BY id DESC LIMIT 1').pluck();

const sockets = new Set<Socket>();
const web = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const tell = (subject: string, except: Socket | null): void => {
  for (const socket of sockets) if (socket !== except) socket.write(`${subject}\n`);
  for (const socket of web.clients) socket.send(subject);
};
createServer((socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => sockets.delete(socket));
  socket.on('data', (bytes) => {
    for (const subject of bytes.toString().split('\n')) {
      if (subject === '') continue;
      insert.run(subject);
      tell(subject, socket);
    }
  });
}).listen(socketPath);

let seen = version.get();
watch(folder, (_event, file) => {
  if (file === null || !file.endsWith('-wal')) return;
  const current = version.get();
  if (current === seen) return;
  seen = current;
  tell(String(newest.get()), null);
});

const http = createHttpServer();
http.on('upgrade', (request, socket, head) => web.handleUpgrade(request, socket, head, () => {}));
http.listen(0, '127.0.0.1', () => process.send?.({ ready: true, info: (http.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
