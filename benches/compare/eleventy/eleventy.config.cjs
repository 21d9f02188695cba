// The lists of the site, for templates that make a page of each. Sizes as Handbill's.
const SIZE = Number(process.env.SIZE), BRIEF = Number(process.env.BRIEF);

function grouped(posts, keys) {
  const groups = new Map();
  for (const post of posts) {
    for (const key of keys(post)) {
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(post);
    }
  }
  return [...groups];
}

function parts(groups, dir, size, full) {
  const pages = [];
  for (const [key, posts] of groups) {
    for (let at = 0; at < posts.length; at += size) {
      const n = at / size + 1;
      const file = n === 1 ? `${key}/index.html` : `${key}/page-${n}.html`;
      pages.push({
        title: key, path: `${dir}${file}`, full, posts: posts.slice(at, at + size),
        more: at + size < posts.length ? `page-${n + 1}.html` : null,
      });
    }
  }
  return pages;
}

module.exports = (config) => {
  const all = (api) => api.getFilteredByTag("post").reverse();
  const month = (post) => post.data.stem.slice(0, 7);
  const channels = (posts) => grouped(posts, (post) => [post.data.channel]);
  config.addCollection("lists", (api) => {
    const posts = all(api);
    const newest = [["", posts], ...channels(posts)].map(([key, posts]) => ({
      title: key || "Ten years", path: `${key ? key + "/" : ""}index.html`, full: true, posts: posts.slice(0, SIZE),
      months: key ? [...new Set(posts.map(month))] : [], more: null,
    }));
    return [
      ...newest,
      ...parts(grouped(posts, (post) => [`${post.data.channel}/${month(post)}`]), "", SIZE, true),
      ...parts(grouped(posts, (post) => [month(post)]), "archive/", BRIEF, false),
      ...parts(grouped(posts, (post) => post.data.labels), "labels/", BRIEF, false),
    ];
  });
  config.addCollection("feeds", (api) => {
    const posts = all(api);
    const labels = grouped(posts, (post) => post.data.labels).map(([key, posts]) => [`labels/${key}`, posts]);
    return [["", posts], ...channels(posts), ...labels].map(([key, posts]) => ({
      title: key || "Ten years", path: `${key ? key + "/" : ""}feed.xml`, posts: posts.slice(0, Number(process.env.FEED)),
    }));
  });
  config.addCollection("overviews", (api) => {
    const posts = all(api);
    const names = (keys) => [...new Set(posts.flatMap(keys))].sort();
    return [
      { path: "archive/index.html", title: "Archive", names: names((post) => [month(post)]) },
      { path: "labels/index.html", title: "Tags", names: names((post) => post.data.labels) },
    ];
  });
  config.addPassthroughCopy("assets");
  config.setUseGitIgnore(false);
  return { markdownTemplateEngine: false, htmlTemplateEngine: false, dir: { input: "src", includes: "../_includes" } };
};
