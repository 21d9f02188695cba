// Every page of both editions, opened once from the disk: light checks, but of all pages.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, open, watch } from './browser.mjs';
import { at, deadLinks, fits, leaks, linksOf, loadPictures, none, phrasesOf, privateNames, shifted, textOf } from './checks.mjs';
import { privateContacts } from './expected.mjs';
import { address, editions, expectedKinds, readSite } from './site.mjs';

/** What a pass over an edition found, filled in by the first test of each. */
const passes = new Map();
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/**
 * The page for what is not found is answered at any address and so has to know where the site stands:
 * it does not work from the disk, and `served.test.mjs` looks at it.
 */
function fromDisk(site) {
  return site.pages.filter(({ kind }) => kind !== '404');
}

async function pass(site) {
  const seen = { behaviour: [], layout: [], links: new Map(), texts: new Map(), phrases: [] };
  const queue = fromDisk(site);
  const worker = async () => {
    const page = await open(browser);
    const watcher = await watch(page, site.base);
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { path, kind } = next;
      await page.goto(address(site.base, path));
      await loadPictures(page);
      seen.layout.push(...at(path, await shifted(page)));
      seen.layout.push(...at(path, await fits(page)));
      seen.links.set(path, await linksOf(page));
      seen.texts.set(path, await textOf(page));
      if (kind === 'message' && privateContacts.includes(path.split('/')[0])) seen.phrases.push(...await phrasesOf(page));
      seen.behaviour.push(...at(path, await watcher.take()));
    }
    await page.context().close();
  };
  await Promise.all([worker(), worker()]);
  return seen;
}

for (const edition of editions) {
  describe(edition, () => {
    const site = readSite(edition);
    before(async () => passes.set(edition, await pass(site)));

    test('there are pages of every expected kind and of no other (expected.mjs)', () => {
      assert.deepEqual([...new Set(site.pages.map(({ kind }) => kind))].sort(), expectedKinds(edition));
    });

    test('no page writes to the console, fails, violates its policy or asks for anything but its own files', () => {
      none(passes.get(edition).behaviour);
    });

    test('every page fits at 1280 and 390 px, every picture has its size set, and nothing moves while it loads', () => {
      none(passes.get(edition).layout);
    });

    test('every link leads to a file, and to a place in it', () => {
      const { links } = passes.get(edition);
      assert.equal(links.size, fromDisk(site).length);
      none(deadLinks(links, site.base, site.files));
    });
  });
}

test('the public edition has no file, address or name of a private contact, and no page for readers only', () => {
  none(privateNames(readSite('public'), privateContacts));
});

test('the public edition repeats nothing that a private message says', () => {
  const { phrases } = passes.get('reader');
  assert.ok(phrases.length > 50, `only ${phrases.length} phrases to look for`);
  none(leaks(phrases, passes.get('public').texts));
});
