// Runs before the first paint: the host's theme, and its language where it differs from the page's.
// Identity in the fragment never reaches a server or the browser's history.
(() => {
  const root = document.documentElement;
  const given = new URLSearchParams(location.hash.slice(1));
  const theme = given.get("theme");
  const locale = given.get("locale");
  if (locale && locale !== root.lang && !new URLSearchParams(location.search).has("locale")) {
    location.replace(`?locale=${encodeURIComponent(locale)}${location.hash}`);
    return;
  }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (location.hash || location.search) history.replaceState(null, "", location.pathname);
  window.identityFromFragment = Object.fromEntries(given);
})();
