// The checks themselves: each has nothing against a sound page, and objects to one made to be wrong in
// just the way that it is there to find.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { launch, open, watch } from './browser.mjs';
import {
  deadLinks, fits, focused, inaccessible, leaks, linksOf, loadPictures, misprinted, none, phrasesOf, privateNames,
  shifted, sidewaysScroll, textOf, unreadable, unseenFocus, unsizedPictures, walkThrough,
} from './checks.mjs';
import { narrow } from './expected.mjs';
import { serve } from './serve.mjs';
import { address, readFolder, sample } from './site.mjs';

const style = `
  body { margin: 1rem; background: #fff; color: #000; } nav { line-height: 2; } a { color: #00c; }
  :focus-visible { outline: 3px solid #00c; }
  .skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 0; background: #fff; }
  @media (prefers-color-scheme: dark) { body, .skip:focus { background: #000; color: #fff; } a { color: #9cf; } }
  @media print { nav, .skip { display: none; } }`;
const text = 'No. 17 is not there. It is on the map, and we went up to the landing to sit on it.';

/** A sound page, but for what is put into it. */
function page({ head = '', main = '', kind = 'home', around = '' } = {}) {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A page</title><link rel="stylesheet" href="style.css">${head}</head>
<body class="page-${kind} public"><a class="skip" href="#main">Skip to the text</a>
<header><nav aria-label="Places"><ul><li><a href="index.html">Home</a></li><li><a href="other.html#there">Other</a></li></ul></nav></header>
${around}<main id="main"><h1>A heading</h1><article><h2 id="there">A message</h2><div class="body"><p>${text}</p>
<p><img src="dot.png" alt="A dot" width="1" height="1"></p></div></article>${main}</main></body></html>`;
}

const policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'self\'; img-src \'self\'">';
const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=', 'base64');
const pages = {
  'index.html': page({ head: policy }),
  'other.html': page({ head: policy, kind: 'contact' }),
  '404.html': page({ kind: '404' }),
};

let browser;
let context;
const folders = [];
before(async () => {
  browser = await launch();
  context = (await open(browser)).context();
});
after(async () => {
  await browser.close();
  folders.forEach((folder) => rmSync(folder, { recursive: true }));
});

/** A folder with the sound pages and these files; read as an edition is. */
function make(files) {
  const folder = mkdtempSync(join(tmpdir(), 'handbill-checks-'));
  folders.push(folder);
  for (const [path, content] of Object.entries({ 'style.css': style, 'dot.png': dot, ...pages, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return { edition: 'public', ...readFolder(folder) };
}

/** Opens the page `index.html` made of these parts, and gives what the check says of it. */
async function said(check, parts, options) {
  const site = make({ 'index.html': typeof parts === 'string' ? parts : page(parts) });
  const tab = options ? await open(browser, options) : await context.newPage();
  const watcher = await watch(tab, site.base);
  await tab.goto(address(site.base, 'index.html'));
  await loadPictures(tab);
  const objections = await check(tab, site, watcher);
  await tab.close();
  return objections;
}

const behaviour = (_, __, watcher) => watcher.take();
const links = async (opened, site) => deadLinks(new Map([['index.html', await linksOf(opened)]]), site.base, site.files);
const accessible = (opened) => inaccessible(opened);
const withMedia = (media) => async (opened) => {
  await opened.emulateMedia(media);
  return inaccessible(opened, ['color-contrast']);
};
const keyboard = async (opened) => (await walkThrough(opened)).objections;
const moves = async (opened) => {
  await opened.waitForTimeout(900);
  return shifted(opened);
};
const scriptsOff = { javaScriptEnabled: false };
const pale = (query) => `<style>@media ${query} { .body p { background: #fff; color: #ccc; } }</style>`;

/** Name, check, what is wrong with the page, what the objection says, options of the browser. */
const wrong = [
  ['an inline script that the policy forbids', behaviour, { head: `${policy}<script>1</script>` }, /Content Security Policy/],
  ['an inline style that the policy forbids', behaviour, { head: policy, main: '<p style="color: red">x</p>' }, /Content Security Policy/],
  ['an error in the console', behaviour, { head: '<script>console.error("oh")</script>' }, /console: oh/],
  ['a warning in the console', behaviour, { head: '<script>console.warn("well")</script>' }, /console: well/],
  ['an exception', behaviour, { head: '<script>throw new Error("thrown")</script>' }, /error: thrown/],
  ['a promise that nobody looks after', behaviour, { head: '<script>Promise.reject(new Error("dropped"))</script>' }, /error: dropped/],
  ['a style sheet that is not there', behaviour, { head: '<link rel="stylesheet" href="none.css">' }, /failed: .*none\.css/],
  ['a picture that is not there', behaviour, { main: '<img src="none.png" alt="" loading="lazy">' }, /failed: .*none\.png/],
  ['a picture from elsewhere', behaviour, { main: '<img src="http://192.0.2.1/x.png" alt="">' }, /asks elsewhere: http:\/\/192\.0\.2\.1/],
  ['a font from elsewhere', behaviour, { head: '<style>@font-face { font-family: f; src: url(https://fonts.example/f) } h1 { font-family: f }</style>' }, /asks elsewhere: https:\/\/fonts\.example/],
  ['a file from outside the site', behaviour, { head: '<link rel="stylesheet" href="../style.css">' }, /asks elsewhere: file:/],
  ['a file by an address from the root', behaviour, { head: '<link rel="stylesheet" href="/style.css">' }, /asks elsewhere: file:\/\/\/style\.css/],

  ['a block wider than a desktop', fits, { main: '<p style="width: 1400px">x</p>' }, /^1280 px: .*\n390 px: .*as <p class="">/],
  ['a block wider than a phone', fits, { main: '<p class="broad" style="width: 500px">x</p>' }, /^390 px: .*as <p class="broad">/],
  ['text in a column of letters', fits, { main: '<div style="float: left; width: 0"><span style="display: block">Hesper</span></div>' }, /^1280 px: squeezed: .*\n390 px: squeezed: <span class=""> "Hesper"/],
  ['a picture without a size', unsizedPictures, { main: '<img src="dot.png" alt="">' }, /picture without width and height: dot\.png/],
  ['a picture with half a size', fits, { main: '<img src="dot.png" alt="" width="1">' }, /picture without/],

  ['a film without a size', unsizedPictures, { main: '<video src="dot.mp4" preload="none"></video>' }, /film without.*dot\.mp4/],
  ['text that moves while the page loads', moves, { around: '<div id="late"></div>', main: '<script>addEventListener("load", () => setTimeout(() => { document.getElementById("late").style.height = "500px" }, 300))</script>' }, /moves while it loads/],

  ['a link to a file that is not there', links, { main: '<a href="gone.html">x</a>' }, /gone\.html is not there/],
  ['a link to a folder', links, { main: '<a href="./">x</a>' }, /\.\/ is not there/],
  ['a link to a place that is not there', links, { main: '<a href="#gone">x</a>' }, /#gone names a place/],
  ['a link out of the site', links, { main: '<a href="../index.html">x</a>' }, /leads out of the site/],
  ['a link from the root', links, { main: '<a href="/index.html">x</a>' }, /leads out of the site/],
  ['a link that runs a script', links, { main: '<a href="javascript:1">x</a>' }, /leads out of the site/],
  ['a link that is no address', links, { main: '<a href="http://[">x</a>' }, /is no address/],
  ['a picture for finer screens that is not there', links, { main: '<img src="dot.png" srcset="dot.png 1x, gone.png 2x" alt="">' }, /gone\.png is not there/],
  ['a film whose picture is not there', links, { main: '<video poster="gone.png"></video>' }, /gone\.png is not there/],

  ['a picture without words', accessible, { main: '<img src="dot.png">' }, /image-alt/],
  ['a page without a language', accessible, page().replace(' lang="en"', ''), /html-has-lang/],
  ['text outside of all landmarks', accessible, { around: '<p>Here and there.</p>' }, /region/],
  ['two buttons too small and too near', accessible, { main: '<button style="width: 9px; height: 9px; padding: 0" aria-label="a"></button><button style="width: 9px; height: 9px; padding: 0" aria-label="b"></button>' }, /target-size/],
  ['text that is too pale', accessible, { main: '<p style="color: #ccc">Pale</p>' }, /color-contrast/],
  ['text that is too pale in the dark', withMedia({ colorScheme: 'dark' }), { head: pale('(prefers-color-scheme: dark)') }, /color-contrast/],
  ['text that is too pale with more contrast', withMedia({ contrast: 'more' }), { head: pale('(prefers-contrast: more)') }, /color-contrast/],

  ['text that only a script shows', unreadable, page().replace(/<h1>.*<\/article>/s, '<script src="all.js"></script>'), /no text is shown\nno heading is shown/, scriptsOff],
  ['text that is hidden until a script shows it', unreadable, { head: '<style>.body { opacity: 0 }</style>' }, /not shown: "No\. 17/, scriptsOff],
  ['a paragraph that is not shown', unreadable, { head: '<style>.body p { display: none }</style>' }, /not shown: "No\. 17/],
  ['navigation on paper', misprinted, { around: '<nav class="walk" style="display: block !important">Older</nav>' }, /navigation is printed: walk/],
  ['text that is not on paper', misprinted, { head: '<style>@media print { main { display: none } }</style>' }, /no text is shown/],

  ['a focus without an outline', keyboard, { head: '<style>nav a:focus-visible { outline: none }</style>' }, /no outline on <a> "Home"/],
  ['a focus with an outline that cannot be seen', keyboard, { head: '<style>nav a:focus-visible { outline-color: transparent }</style>' }, /no outline on <a> "Home"/],
  ['a skip link that stays out of sight', keyboard, { head: '<style>.skip:focus { left: -99rem }</style>' }, /out of sight: <a> "Skip/],
  ['a link that jumps the queue', keyboard, { main: '<a href="index.html" tabindex="1">First</a>' }, /out of order: <a> "Skip/],
  ['a page that keeps the focus', keyboard, { main: '<a href="#there">In</a><script>document.body.onkeydown = (e) => { if (document.activeElement.textContent === "In") { e.preventDefault(); document.links[1].focus() } }</script>' }, /never leaves the page/],
];

describe('a check objects to', () => {
  for (const [name, check, parts, objection, options] of wrong) {
    test(name, async () => assert.match((await said(check, parts, options)).join('\n'), objection));
  }
});

describe('a check has nothing against a sound page:', () => {
  for (const [name, check, options] of [
    ['behaviour', behaviour], ['layout', fits], ['rest', moves], ['links', links], ['accessibility', accessible],
    ['accessibility in the dark', withMedia({ colorScheme: 'dark' })],
    ['reading', unreadable, scriptsOff], ['paper', misprinted], ['keyboard', keyboard],
  ]) {
    test(name, async () => none(await said(check, { head: policy }, options)));
  }
});

test('a page too wide for a phone makes the phone zoom out, and its picture wider', async () => {
  const scroll = async (opened) => [await sidewaysScroll(opened), await opened.evaluate(() => document.scrollingElement.scrollWidth)];
  const [, width] = await said(scroll, { main: '<p style="width: 500px">x</p>' }, { viewport: narrow, isMobile: true });
  assert.ok(width > narrow.width, `${width} px`);
});

test('nothing focused is an objection', async () => {
  assert.deepEqual(await said(async (opened) => unseenFocus(await focused(opened)), {}), ['nothing has the focus']);
});

test('names of private folders are found in files, in addresses and in feeds, and not in prose', () => {
  const names = (files) => privateNames(make(files), ['tansy']).join('\n');
  assert.equal(names({ 'index.html': page({ main: '<p title="of tansy">tansy, pictansy.png</p><a href="pictansy.png">x</a>' }) }), '');
  assert.match(names({ 'tansy/a.png': '' }), /tansy\/a\.png is there/);
  assert.match(names({ 'tags/tansy.html': page() }), /tags\/tansy\.html is there/);
  assert.match(names({ 'index.html': page({ main: '<a href="../tansy/index.html">x</a>' }) }), /index\.html: says \.\.\/tansy/);
  assert.match(names({ 'feed.xml': '<link href="https://a.example/tansy/"/>' }), /feed\.xml: says https/);
  assert.match(names({ 'feed.json': '{"url": "https://a.example/tansy/1.html"}' }), /feed\.json: says https/);
  assert.match(names({ 'status/index.html': page() }), /status\/index\.html is there/);
});

test('what a private message says is found in another page', async () => {
  const phrases = await said((opened) => phrasesOf(opened), {});
  assert.deepEqual(phrases, [text]);
  const repeats = await said((opened) => textOf(opened), { main: `<blockquote>So: ${text}</blockquote>` });
  assert.match(leaks(phrases, new Map([['a.html', repeats]])).join('\n'), /a\.html: says "No\. 17/);
  assert.deepEqual(leaks(phrases, new Map([['a.html', 'Something else.']])), []);
});

test('a sample has a page of every kind, and fails when one that is named is not there', () => {
  const site = make({});
  assert.throws(() => sample(site), /public has no page for the sample "picture"/);
  assert.deepEqual(sample({ ...site, edition: 'none' }).map(({ name }) => name), ['404', 'contact', 'home']);
  assert.equal(make({ 'odd.html': '<p>x</p>' }).pages.find(({ path }) => path === 'odd.html').kind, null);
});

test('the server has nothing above its path, and no indexes', async () => {
  const server = await serve(make({}), '/some/where/');
  const status = async (path) => (await fetch(new URL(path, server.base))).status;
  assert.deepEqual([await status('index.html'), await status(''), await status('/index.html'), await status('/some/index.html')], [200, 404, 404, 404]);
  await server.close();
});
