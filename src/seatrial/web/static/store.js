// An iPad says that it is a Mac, but has a touch screen: it is shown what is for it, once.
if (navigator.maxTouchPoints > 1 && !new URLSearchParams(location.search).has("os")) {
  const here = new URL(location.href);
  here.searchParams.set("os", "ios");
  location.replace(here);
}
