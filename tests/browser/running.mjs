// `handbill serve` on a copy of the example, on a port of its own.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
 * @param {(settings: string) => string} [change] of the example's settings
 * @returns {Promise<{ folder: string, base: string, stop: () => Promise<void> }>} the copy, and the
 * address of its first page
 */
export async function serveExample(change = (settings) => settings) {
  const folder = mkdtempSync(join(tmpdir(), 'handbill-'));
  cpSync(join(top, 'example-channel'), folder, {
    recursive: true,
    filter: (path) => !/[/\\](_site|\.handbill)$/.test(path),
  });
  const settings = join(folder, 'handbill.toml');
  writeFileSync(settings, change(readFileSync(settings, 'utf8')));
  const { base, stop } = await serveFolder(folder);
  return {
    folder,
    base,
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Serves a base folder where it is.
 * @returns {Promise<{ base: string, stop: () => Promise<void> }>} the address of its first page
 */
export async function serveFolder(folder) {
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
    base: `http://localhost:${port}/`,
    stop: () => new Promise((resolve) => {
      server.on('exit', () => resolve());
      server.kill('SIGTERM');
    }),
  };
}

/** Waits until there is a page at an address of the server. */
export async function published(address) {
  for (let round = 0; !(await fetch(address)).ok; round += 1) {
    if (round > 500) throw new Error(`never comes: ${address}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** What a page did that it should not have done. No page has an icon, and browsers ask for one. */
export async function objections(watcher) {
  return (await watcher.take()).filter((text) => !text.includes('favicon.ico'));
}
