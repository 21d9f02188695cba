// A built edition on the disk: its files, its pages, and the sample of them to look at closely.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kinds, samples } from './expected.mjs';

/** The folder that holds `public/` and `reader/`; `tests/browser/check` builds it. */
const built = process.env.HANDBILL_SITE;

export const editions = ['public', 'reader'];

/**
 * @typedef {{ path: string, kind: string | null, html: string }} Page
 * @typedef {{ edition: string, folder: string, base: string, files: Set<string>, pages: Page[] }} Site
 */

/**
 * @param {string} edition `public` or `reader`, or one in another look: `plain/public`
 * @returns {Site}
 */
export function readSite(edition) {
  if (!built) throw new Error('HANDBILL_SITE is not set: run this with tests/browser/check');
  return { edition: edition.split('/').at(-1), ...readFolder(join(built, edition)) };
}

/** Paths are relative to the folder, with `/`, in an order that does not depend on the disk. */
export function readFolder(folder) {
  const files = walk(folder).map((file) => relative(folder, file).split(sep).join('/')).sort();
  const pages = files.filter((path) => path.endsWith('.html')).map((path) => {
    const html = readFileSync(join(folder, path), 'utf8');
    const kind = html.match(/<body class="page-([\w-]+)/)?.[1] ?? null;
    return { path, kind, html };
  });
  return { folder, base: `${pathToFileURL(folder)}/`, files: new Set(files), pages };
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/** The address of a page below a base (a folder's or a server's). */
export function address(base, path) {
  return base + path.split('/').map(encodeURIComponent).join('/');
}

/**
 * One page of every kind that is found, the longest one since it has the most to go wrong, and the
 * messages and contacts that `expected.mjs` names.
 * @param {Site} site
 * @returns {(Page & { name: string })[]}
 */
export function sample(site) {
  const found = new Set(site.pages.map((page) => page.kind));
  const ofKinds = [...found].sort().map((kind) => {
    const pages = site.pages.filter((page) => page.kind === kind);
    return { name: `${kind}`, ...pages.reduce((a, b) => (b.html.length > a.html.length ? b : a)) };
  });
  const named = samples.filter(({ editions }) => editions.includes(site.edition)).map((wanted) => {
    const page = site.pages.find(({ kind, path, html }) => kind === wanted.kind
      && (wanted.path ?? /^/).test(path)
      && (wanted.main ?? /^/).test(html.slice(html.indexOf('<main'))));
    if (!page) throw new Error(`${site.edition} has no page for the sample "${wanted.name}"`);
    return { name: `${wanted.kind}-${wanted.name}`, ...page };
  });
  const paths = new Set();
  return [...ofKinds, ...named].filter(({ path }) => !paths.has(path) && paths.add(path));
}

/** The kinds that an edition must have, and only those. */
export function expectedKinds(edition) {
  return kinds.filter(([, editions]) => editions.includes(edition)).map(([kind]) => kind).sort();
}
