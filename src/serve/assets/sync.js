// Shows what the sync tools say, while `handbill serve` runs. Added to the pages of contacts, of all
// contacts and of what is wrong, when they are served; published files do not hold it.
//
// The server hands over sentences. Here they are put where they belong; live reload tells when there
// are new ones.
(() => {
  'use strict';

  const page = location.pathname.endsWith('/') ? `${location.pathname.slice(1)}index.html` : location.pathname.slice(1);
  let shown = [];

  function make(name, properties = {}, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  // Syncthing's page is one of the server's machine: only there it leads anywhere.
  const isHere = (host) => ['localhost', '127.0.0.1', '[::1]'].includes(host);
  const leadsThere = (link) => isHere(location.hostname) && isHere(new URL(link).hostname);

  // The words of a sentence, with the address in it as a link.
  function words({ text, link }) {
    const at = link && leadsThere(link) ? text.lastIndexOf(link) : -1;
    if (at < 0) return [text];
    const anchor = make('a', { href: link, textContent: link, rel: 'noreferrer' });
    return [text.slice(0, at), anchor, text.slice(at + link.length)];
  }

  // One sentence, with the sign of a warning where something should be done.
  function line(said, title) {
    const { problem } = said;
    const parts = title ? [make('bdi', { textContent: title }), ': ', ...words(said)] : words(said);
    const sign = problem ? [make('span', { className: 'sign warning' })] : [];
    return make('p', { className: problem ? 'notice' : 'hint', dir: 'auto' }, ...sign, ...parts);
  }

  function put(element, place) {
    if (!place || element.childElementCount === 0) return;
    element.className = 'sync';
    element.setAttribute('role', 'status');
    place(element);
    shown.push(element);
  }

  // On the page of a contact: below what it is called.
  function onContact({ said }) {
    const head = document.querySelector('.contact-head') ?? document.querySelector('main h1');
    put(make('div', {}, ...said.map((one) => line(one))), head && ((element) => head.after(element)));
  }

  // On the page of all contacts: in the row that leads to its page.
  function onList({ page: target, said }) {
    const links = [...document.querySelectorAll('main th a[href], main h2 a[href]')];
    const link = links.find((one) => new URL(one.href).pathname === `/${target}`);
    put(make('div', {}, ...said.map((one) => line(one))), link && ((element) => link.parentElement.append(element)));
  }

  // On the page of what is wrong: only that, of all contacts.
  function onStatus({ general, contacts }) {
    const lines = general.filter((one) => one.problem).map((one) => line(one));
    for (const { title, said } of contacts) lines.push(...said.filter((one) => one.problem).map((one) => line(one, title)));
    const heading = document.querySelector('main h1');
    put(make('div', {}, ...lines), heading && ((element) => heading.after(element)));
  }

  function show(told) {
    for (const element of shown) element.remove();
    shown = [];
    if (page === 'status/index.html') {
      onStatus(told);
    } else if (page === 'subscriptions/index.html') {
      told.contacts.forEach(onList);
      const heading = document.querySelector('main h1');
      put(make('div', {}, ...told.general.map((one) => line(one))), heading && ((element) => heading.after(element)));
    } else {
      const own = told.contacts.find((contact) => contact.page === page);
      if (own) onContact(own);
    }
  }

  let asking = false;
  let again = false;
  async function ask() {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const answer = await fetch('/_app/sync', { cache: 'no-store' });
      if (answer.ok) show(await answer.json());
    } catch { /* The server has gone: live reload says so. */ }
    asking = false;
    if (again) { again = false; ask(); }
  }

  document.addEventListener('handbill-sync', ask);
  ask();
})();
