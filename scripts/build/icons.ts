import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { AMBER, drawIcon } from '../../main/electron/iconDrawing.ts';
import { DIST } from './layout.ts';

/** Edges in pixels that installers ask for. */
const SIZES = [32, 64, 128, 256, 512, 1024] as const;

/** Writes the product's sign as PNG files for the installers into `dist/icons`. */
export async function writeIcons(): Promise<void> {
  const folder = join(DIST, 'icons');
  await mkdir(folder, { recursive: true });
  for (const size of SIZES)
    await writeFile(join(folder, `${size}x${size}.png`), encodePng(drawIcon(size, AMBER, false), size));
}

/** A PNG of square RGBA pixels: one header, one compressed block, no filter. */
export function encodePng(rgba: Uint8Array, size: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // 8 bits a channel, colour with alpha.
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Buffer.alloc((size * 4 + 1) * size);
  for (let row = 0; row < size; row += 1) {
    rows.set(rgba.subarray(row * size * 4, (row + 1) * size * 4), row * (size * 4 + 1) + 1);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
