// What a page asked for and did not get, told apart from what was let go of because the page was left.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether there is what a page asked for and let go of. Of a stream no more than its beginning is read. */
async function isThere(url) {
  if (url.startsWith('file:')) return existsSync(fileURLToPath(url));
  try {
    const { status, body } = await fetch(url);
    await body?.cancel();
    return status < 400;
  } catch {
    return false;
  }
}

/**
 * Listens to the requests of a page that fail, by Chromium's own protocol: only it says which document
 * asked, and that another one is under way before it takes the place of the first. What is let go of
 * between the two was let go of because the page was left; at any other time it was somebody else's doing.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<() => Promise<string[]>>} gives what failed since it was last asked
 */
export async function failures(page) {
  const session = await page.context().newCDPSession(page);
  const asked = new Map();
  let failed = [];
  /** The document that is to take the place of the present one. */
  let next = null;
  const mainFrame = (await session.send('Page.getFrameTree')).frameTree.frame.id;

  session.on('Page.frameStartedNavigating', ({ frameId, loaderId, navigationType }) => {
    if (frameId === mainFrame && !/sameDocument/i.test(navigationType)) next = { loaderId, arrived: false };
  });
  session.on('Page.frameNavigated', ({ frame }) => {
    if (frame.id !== mainFrame) return;
    if (next) next.arrived = true;
    next = null;
  });
  session.on('Network.requestWillBeSent', ({ requestId, request }) => asked.set(requestId, request.url));
  session.on('Network.loadingFinished', ({ requestId }) => asked.delete(requestId));
  session.on('Network.loadingFailed', ({ requestId, errorText }) => {
    const url = asked.get(requestId);
    asked.delete(requestId);
    // What was to come does not: the page stays.
    if (requestId === next?.loaderId) next = null;
    // Browsers ask for this by themselves.
    if (url && !url.endsWith('/favicon.ico')) failed.push({ url, errorText, leftFor: errorText === 'net::ERR_ABORTED' ? next : null });
  });
  await session.send('Page.enable');
  await session.send('Network.enable');

  return async () => {
    // An answer comes after all that was said before it. A page that is closed says no more.
    await session.send('Page.getFrameTree').catch(() => {});
    const taken = failed;
    failed = [];
    for (let round = 0; taken.some(({ leftFor }) => leftFor && leftFor === next) && round < 250; round += 1) {
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    const objections = await Promise.all(taken.map(async ({ url, errorText, leftFor }) => {
      if (!leftFor?.arrived) return [`failed: ${url} (${errorText})`];
      return await isThere(url) ? [] : [`failed: ${url} (not there when the page was left)`];
    }));
    return objections.flat();
  };
}
