// What the pages of the example are expected to be: the one place to change when a kind of page, a
// message of the example or the mark-up of the theme does.

const both = ['public', 'reader'];
const reader = ['reader'];

/**
 * The kinds of page (`<body class="page-KIND …">`) and the editions that have them. A kind that is
 * missing fails, and so does one that is found and not listed here: it needs a line.
 */
export const kinds = [
  ['home', both],
  ['contact', both],
  ['list', both],
  ['message', both],
  ['year', both],
  ['archive', both],
  ['tags', both],
  ['search', both],
  ['media', both],
  ['author', both],
  ['404', both],
  ['feeds', both],
  ['thread', both],
  ['status', reader],
  ['reading', reader],
  ['conversations', reader],
  ['subscriptions', reader],
];

/**
 * The looks besides the usual one: how the settings of the example become theirs (`prepare` does the
 * same), whether their templates are others, so that every page is opened and not one of each kind,
 * and words that tell that it is so.
 */
export const looks = {
  plain: { change: (settings) => `theme = "plain"\n${settings}`, ownTemplates: true, language: 'en', says: /Tags/ },
  german: {
    change: (settings) => settings.replace('language = "en"', 'language = "de"'),
    ownTemplates: false,
    language: 'de',
    says: /Schlagwörter/,
  },
};

/** Folders that the public edition never has. */
export const readerFolders = ['status', 'conversations', 'subscriptions'];

/**
 * Pages that are looked at closely, besides one of each kind. The first page of the kind whose
 * `<main>` (or whose path) matches is taken; that there is none fails.
 */
export const samples = [
  { name: 'picture', kind: 'message', editions: both, main: /class="picture"|<img / },
  { name: 'sound', kind: 'message', editions: reader, main: /<audio / },
  { name: 'table', kind: 'message', editions: both, main: /<table/ },
  { name: 'code', kind: 'message', editions: both, main: /<pre[^>]*><code/ },
  { name: 'footnote', kind: 'message', editions: both, main: /class="footnotes"/ },
  { name: 'arabic', kind: 'message', editions: reader, main: /<(article|div)[^>]* lang="ar"/ },
  { name: 'japanese', kind: 'message', editions: reader, main: /<(article|div)[^>]* lang="ja"/ },
  { name: 'broken-header', kind: 'message', editions: reader, path: /2024-02-13-four-hundred-buns/ },
  { name: 'subscription', kind: 'contact', editions: reader, path: /^second-rise\// },
  { name: 'private', kind: 'contact', editions: reader, path: /^tansy\// },
];

/** The folders of the example with an inbox: nothing of them is in the public edition. */
export const privateContacts = ['enquiry-desk', 'old-patience', 'second-rise', 'tansy'];

/** Where things are in the theme's pages. */
export const selectors = {
  skip: 'a[href="#main"]',
  main: 'main#main',
  navigation: 'nav a[href]',
  contact: 'nav a:has(.sign)',
  /** What the navigation may be folded away behind. */
  unfold: 'nav details:not([open]) > summary',
  article: 'main article',
  permalink: 'main article a:has(> time)',
  body: 'main article .body',
  older: 'main a[rel~="prev"]',
  summary: 'main details.subscribe > summary',
};

/** The two widths that everything must fit. */
export const wide = { width: 1280, height: 900 };
export const narrow = { width: 390, height: 844 };
