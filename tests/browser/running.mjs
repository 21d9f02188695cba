// `handbill serve` on a copy of the example, on a port of its own.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * @returns {Promise<{ folder: string, base: string, stop: () => Promise<void> }>} the copy, and the
 * address of its first page
 */
export async function serveExample() {
  const folder = mkdtempSync(join(tmpdir(), 'handbill-'));
  cpSync(join(top, 'example-channel'), folder, {
    recursive: true,
    filter: (path) => !/[/\\](_site|\.handbill)$/.test(path),
  });
  const port = await freePort();
  const program = process.env.HANDBILL ?? join(top, 'target/debug/handbill');
  const server = spawn(program, ['serve', folder, '--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise((resolve, reject) => {
    server.stderr.on('data', (chunk) => {
      said += chunk;
      if (said.includes('serving http')) resolve();
    });
    server.on('exit', (code) => reject(new Error(`handbill serve ended with ${code}: ${said}`)));
  });
  server.removeAllListeners('exit');
  return {
    folder,
    base: `http://localhost:${port}/`,
    stop: () => new Promise((resolve) => {
      server.on('exit', () => {
        rmSync(folder, { recursive: true });
        resolve();
      });
      server.kill('SIGTERM');
    }),
  };
}
