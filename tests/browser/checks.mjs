// What is held. Every check gives a list of objections, empty when all is well; `checks.test.mjs` shows
// that each of them objects to a page made to be wrong.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { narrow, readerFolders, selectors, wide } from './expected.mjs';

/** Fails with the objections, one a line. */
export function none(objections) {
  if (objections.length) assert.fail(`\n${[...new Set(objections)].join('\n')}`);
}

/** Puts the name of the page before its objections. */
export function at(place, objections) {
  return objections.map((objection) => `${place}: ${objection}`);
}

// ---- layout

/** Waits until every picture is there, those that load lazily too: a page is judged when it is whole. */
export function loadPictures(page) {
  return page.evaluate(() => Promise.all([...document.images].map((image) => {
    image.loading = 'eager';
    return image.complete || new Promise((resolve) => {
      image.addEventListener('load', resolve);
      image.addEventListener('error', resolve);
    });
  })));
}

/** Nobody has to scroll sideways to read, at the width that the page has now. */
export function sidewaysScroll(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.body.querySelectorAll('*')].find((element) => {
      const box = element.getBoundingClientRect();
      return box.right > clientWidth + 1 || (box.left < -1 && box.left > -clientWidth);
    });
    const culprit = wide ? `, as <${wide.localName} class="${wide.className}"> is` : '';
    return [`${scrollWidth} px wide in ${clientWidth} px${culprit}`];
  });
}

/** No text is squeezed into a column of single letters. What only screen readers say is cut off, and has no place. */
export function squeezedText(page) {
  return page.evaluate(() => [...document.querySelectorAll('main :not(option)')].filter((element) => {
    const { display, fontSize, overflow } = getComputedStyle(element);
    return display !== 'inline' && overflow === 'visible' && element.checkVisibility()
      && element.getBoundingClientRect().width < 2 * Number.parseFloat(fontSize)
      && [...element.childNodes].some(({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim().length > 4);
  }).map(({ localName, className, textContent }) => `squeezed: <${localName} class="${className}"> "${textContent.trim().slice(0, 40)}"`));
}

/** A picture that has loaded took the place that its attributes had kept for it; a film keeps one. */
export function unsizedPictures(page) {
  return page.evaluate(() => {
    const pictures = [...document.images]
      .filter((image) => image.complete && image.naturalWidth)
      .filter((image) => !(Number(image.getAttribute('width')) > 0 && Number(image.getAttribute('height')) > 0))
      .map((image) => `picture without width and height: ${image.getAttribute('src')}`);
    // By its attributes or by the style sheet, both of which come out as a ratio.
    const films = [...document.querySelectorAll('video')]
      .filter((film) => !getComputedStyle(film).aspectRatio.includes('/'))
      .map((film) => `film without width and height: ${film.getAttribute('src')}`);
    return [...pictures, ...films];
  });
}

/** Nothing that was shown moved much while the page loaded: the measure of Web Vitals, and what they call good. */
export async function shifted(page) {
  const sum = await page.evaluate(() => new Promise((resolve) => {
    let total = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ value, hadRecentInput }) => {
      if (!hadRecentInput) total += value;
    })).observe({ type: 'layout-shift', buffered: true });
    // What is there already is told after the next frame.
    requestAnimationFrame(() => setTimeout(() => resolve(total), 0));
  }));
  return sum > 0.1 ? [`moves while it loads: ${sum.toFixed(3)}`] : [];
}

/** The page fits, with all its pictures, at both widths; first at the one that it has, to save time. */
export async function fits(page) {
  const objections = [];
  for (const viewport of page.viewportSize().width === narrow.width ? [narrow, wide] : [wide, narrow]) {
    await page.setViewportSize(viewport);
    objections.push(...at(`${viewport.width} px`, [...await sidewaysScroll(page), ...await squeezedText(page)]));
  }
  return [...objections, ...await unsizedPictures(page)];
}

// ---- links

/** What a page links to, and where it can be linked into, as the browser understands it. */
export function linksOf(page) {
  return page.evaluate(() => {
    const attributes = { href: '[href]', src: '[src]', poster: '[poster]', data: 'object[data]', action: 'form[action]' };
    const links = Object.entries(attributes).flatMap(([name, selector]) => [...document.querySelectorAll(selector)]
      .map((element) => element.getAttribute(name)));
    const sets = [...document.querySelectorAll('[srcset]')].flatMap((element) => element.getAttribute('srcset')
      .split(',').map((candidate) => candidate.trim().split(/\s+/)[0]));
    return {
      links: [...new Set([...links, ...sets])].map((written) => {
        try {
          return { written, url: new URL(written, document.baseURI).href };
        } catch {
          return { written, url: null };
        }
      }),
      ids: [...document.querySelectorAll('[id]')].map((element) => element.id),
    };
  });
}

/**
 * Every link into the site leads to a file, and to a place in it if it names one.
 * @param {Map<string, { links: { written: string, url: string | null }[], ids: string[] }>} seen by path
 * @param {string} base what the pages' addresses began with
 * @param {Set<string>} files
 */
export function deadLinks(seen, base, files) {
  const ids = new Map([...seen].map(([path, page]) => [path, new Set(page.ids)]));
  const objections = [];
  for (const [path, page] of seen) {
    for (const { written, url } of page.links) {
      const wrong = whyDead(url, base, files, ids);
      if (wrong) objections.push(`${path}: ${written} ${wrong}`);
    }
  }
  return objections;
}

function whyDead(url, base, files, ids) {
  if (url === null) return 'is no address';
  if (!url.startsWith(base)) return /^(https?|mailto):/.test(url) ? null : 'leads out of the site';
  const { hash } = new URL(url);
  const target = decodeURIComponent(url.slice(base.length).replace(/[?#].*$/s, ''));
  if (!files.has(target)) return 'is not there';
  if (hash.length > 1 && ids.has(target) && !ids.get(target).has(decodeURIComponent(hash.slice(1)))) {
    return 'names a place that is not there';
  }
  return null;
}

// ---- privacy

/** No name of a private folder in any address, and no folder that only the reader edition has. */
export function privateNames(site, names, read = (path) => readFileSync(`${site.folder}/${path}`, 'utf8')) {
  const asPart = new RegExp(`(^|/)(${names.join('|')})([/.?#]|$)`, 'i');
  const objections = [];
  for (const path of site.files) {
    if (asPart.test(path) || readerFolders.includes(path.split('/')[0])) objections.push(`${path} is there`);
    if (!/\.(html|xml|json|opml|txt|js|css)$/.test(path)) continue;
    for (const [, value] of read(path).matchAll(/[=:]\s*"([^"]*)"/g)) {
      if (asPart.test(value)) objections.push(`${path}: says ${value}`);
    }
  }
  return objections;
}

/** The pieces of text in the messages of a page, long enough not to be there by chance. */
export function phrasesOf(page) {
  return page.evaluate((body) => [...document.querySelectorAll(`:is(${body}) :is(p, li, td, h1, h2, h3, pre)`)]
    .map((element) => element.textContent.replace(/\s+/g, ' ').trim())
    .filter((text) => text.length >= 25), selectors.body);
}

/** No phrase of a private message is in any of the texts. */
export function leaks(phrases, texts) {
  return [...texts].flatMap(([path, text]) => phrases
    .filter((phrase) => text.includes(phrase))
    .map((phrase) => `${path}: says "${phrase}"`));
}

/** All that a page says, shown or not. */
export function textOf(page) {
  return page.evaluate(() => document.documentElement.textContent.replace(/\s+/g, ' '));
}

// ---- accessibility

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe finds wrong with the page as it is now.
 * @param {string[]} [rules] only these
 */
export async function inaccessible(page, rules) {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axe);
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: tags };
  const { violations } = await page.evaluate((options) => globalThis.axe.run(document, options),
    { runOnly, resultTypes: ['violations'] });
  return violations.map(({ id, nodes }) => {
    const places = [...new Set(nodes.map(({ target }) => target.flat().join(' ')))];
    const more = places.length > 3 ? ` and ${places.length - 3} more` : '';
    const why = nodes[0].any[0]?.message ?? nodes[0].all[0]?.message ?? nodes[0].none[0]?.message ?? '';
    return `${id}: ${places.slice(0, 3).join(' | ')}${more} (${why})`;
  });
}

// ---- reading

/** What a reader of a page needs can be seen: a heading, text, the text of messages. */
export function unreadable(page) {
  return page.evaluate(({ main, body }) => {
    const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
      && element.getBoundingClientRect().height > 0;
    const objections = [];
    const place = document.querySelector(main);
    if (!place || !shown(place) || place.innerText.trim().length < 10) objections.push('no text is shown');
    if (![...document.querySelectorAll('h1')].some(shown)) objections.push('no heading is shown');
    for (const text of document.querySelectorAll(`${body}, :is(${body}) > *`)) {
      if (!shown(text) && !text.closest('details:not([open])')) objections.push(`not shown: "${text.textContent.trim().slice(0, 60)}"`);
    }
    return objections;
  }, selectors);
}

/** On paper there is the text and nothing to click one's way around with. */
export async function misprinted(page) {
  await page.emulateMedia({ media: 'print' });
  const navigation = await page.evaluate(() => [...document.querySelectorAll('nav, a[href="#main"]')]
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height > 0)
    .map((element) => `navigation is printed: ${element.className || element.ariaLabel || element.localName}`));
  const objections = [...navigation, ...await unreadable(page)];
  await page.emulateMedia({ media: 'screen' });
  return objections;
}

/** Clicks on a link, after unfolding what hides it, and waits until the browser is where it leads. */
export async function follow(page, selector) {
  const link = page.locator(selector).first();
  if (!await link.isVisible()) await page.locator(selectors.unfold).click();
  const href = await link.evaluate((element) => element.href);
  await link.click();
  await page.waitForURL(href);
}

// ---- keyboard

/** The element that has the focus, and how one sees that it has; `null` when the page itself has. */
export function focused(page) {
  return page.evaluate(({ main, skip, unfold, navigation }) => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const all = [...document.querySelectorAll('*')];
    return {
      index: all.indexOf(element),
      name: `<${element.localName}> "${element.textContent.trim().slice(0, 40)}"`,
      href: element.getAttribute('href'),
      isSkip: element.matches(skip),
      inMain: element.closest(main) !== null,
      unfolds: element.matches(unfold) && !document.querySelector(navigation).checkVisibility(),
      outlined: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0 && !/, 0\)$|^transparent$/.test(outlineColor),
      onScreen: box.width > 1 && box.height > 1 && box.right > 0 && box.bottom > 0
        && box.left < innerWidth && box.top < innerHeight && element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }),
    };
  }, selectors);
}

/**
 * Waits until what the selector finds has the focus. What has `autofocus` gets it when the page is drawn,
 * which may be after it has loaded (HTML, "flush autofocus candidates").
 */
export async function getsFocus(page, selector) {
  await page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);
}

/** A person who moves by keyboard sees where they are. */
export function unseenFocus(place) {
  if (!place) return ['nothing has the focus'];
  return [
    ...place.outlined ? [] : [`no outline on ${place.name}`],
    ...place.onScreen ? [] : [`out of sight: ${place.name}`],
  ];
}

/**
 * Presses Tab through the whole page, from its beginning to its end, and unfolds the navigation.
 * @returns {Promise<{ path: object[], objections: string[] }>} where the focus was, in order
 */
export async function walkThrough(page) {
  const path = [];
  const objections = [];
  const limit = await page.evaluate(() => document.querySelectorAll('a, button, input, summary, select, textarea, audio, video, [tabindex], pre, div').length) + 10;
  for (let step = 0; step < limit; step += 1) {
    await page.keyboard.press('Tab');
    const place = await focused(page);
    if (!place || (path.length && place.index === path[0].index)) return { path, objections };
    // The parts of a player's controls all have the focus in the name of the player.
    if (place.index === path.at(-1)?.index) continue;
    if (place.index < (path.at(-1)?.index ?? -1)) objections.push(`out of order: ${place.name} after ${path.at(-1).name}`);
    objections.push(...unseenFocus(place));
    path.push(place);
    if (place.unfolds) await page.keyboard.press('Enter');
  }
  return { path, objections: [...objections, 'the focus never leaves the page'] };
}
