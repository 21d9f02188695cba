// Starts Chromium, and writes down what a page does that it should not.
import { chromium } from 'playwright-core';
import { wide } from './expected.mjs';
import { failures } from './failures.mjs';

/** Nothing that a page asks for can leave the machine: all but the loopback goes to a closed port. */
const closed = '--proxy-server=http://127.0.0.1:9';

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    // Root in a container has no user namespaces for the sandbox, and often a small /dev/shm;
    // to draw pages without a graphics card takes no imitation of one.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-software-rasterizer', closed],
  });
}

/**
 * A page of its own context. Movement is off so that colours are measured and pictures taken of a
 * page that has come to rest; language and time zone are fixed, since scripts may write dates for people.
 */
export async function open(browser, options = {}) {
  const context = await browser.newContext({
    viewport: wide, colorScheme: 'light', reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC', ...options,
  });
  // A violation becomes an error in the console whatever Chromium itself makes of it.
  await context.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`Content Security Policy: ${event.violatedDirective} forbids ${event.blockedURI}`);
  }));
  const page = await context.newPage();
  const asked = new Set();
  page.on('request', (request) => asked.add(request));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => asked.delete(request));
  underWay.set(page, asked);
  return page;
}

const underWay = new WeakMap();

/**
 * Waits until a page has all that it has asked for, but for streams of events, and asks for nothing more:
 * whoever leaves it earlier lets go of the rest, which looks like a failure.
 */
export async function settled(page) {
  const left = () => [...underWay.get(page)].filter((request) => request.resourceType() !== 'eventsource');
  for (let round = 0, quiet = 0; quiet < 5; round += 1) {
    quiet = left().length ? 0 : quiet + 1;
    if (round > 500) throw new Error(`never comes: ${left().map((request) => request.url()).join(', ')}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/**
 * Listens to a page from now on. `take()` gives what was objectionable since it was last asked. What a
 * page let go of because it was left is objected to when it is not there.
 * @param {import('playwright-core').Page} page
 * @param {string} base all that the page may ask for is below this address
 * @param {string} [missing] an address that the test knows is not there
 */
export async function watch(page, base, missing) {
  const failed = await failures(page);
  let objections = [];
  const object = (text) => objections.push(text);
  page.on('console', (message) => {
    const { url } = message.location();
    if (url !== missing && ['error', 'warning'].includes(message.type())) object(`console: ${message.text()} (${url})`);
  });
  page.on('pageerror', (error) => object(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(base)) object(`asks elsewhere: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && response.url() !== missing) object(`failed: ${response.url()} (${response.status()})`);
  });
  page.on('websocket', (socket) => object(`asks elsewhere: ${socket.url()}`));
  return {
    async take() {
      const taken = await failed();
      taken.unshift(...objections);
      objections = [];
      return taken;
    },
  };
}
