// A static web server as simple as they come: files below one path, no folder indexes, `404.html` for
// what is not there. If the site works here, it works on any host.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wav': 'audio/wav',
  '.webp': 'image/webp',
  '.xml': 'application/xml',
};

/**
 * @param {{ folder: string, files: Set<string> }} site
 * @param {string} under the path that the site is mounted at, with a slash at both ends
 * @returns {Promise<{ base: string, close: () => Promise<void> }>}
 */
export async function serve(site, under = '/') {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const file = path.startsWith(under) ? path.slice(under.length) : '';
    const known = site.files.has(file);
    const answer = known ? file : '404.html';
    // Browsers ask for this by themselves, at the root, when a page names no icon.
    if (!known && path === '/favicon.ico') return response.writeHead(204).end();
    try {
      const bytes = await readFile(join(site.folder, answer));
      response.writeHead(known ? 200 : 404, {
        'Content-Type': types[extname(answer)] ?? 'application/octet-stream',
        'X-Content-Type-Options': 'nosniff',
      });
      return response.end(bytes);
    } catch (error) {
      return response.writeHead(500).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${server.address().port}${under}`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections?.();
    }),
  };
}
