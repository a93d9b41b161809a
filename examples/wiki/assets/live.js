"use strict";
// Tells who reads or edits a page that somebody else has changed it. Without this script everything else works.
// Tabs in the background do not listen, for a browser keeps few connections: when they come back, the token in the
// address tells whether they have missed something.
for (const notice of document.querySelectorAll("[data-changes]")) {
  let events;
  const editing = "show" in notice.dataset;

  const stop = () => {
    events?.close();
    events = undefined;
  };
  const tell = (text, label) => {
    stop();
    document.removeEventListener("visibilitychange", listen);
    const link = document.createElement("a");
    link.href = notice.dataset.show || notice.dataset.again;
    link.textContent = label;
    if (editing) {
      link.target = "_blank";
    }
    notice.replaceChildren(text + " ", link);
  };
  const listen = () => {
    if (document.hidden) {
      stop();
      return;
    }
    if (events) {
      return;
    }
    events = new EventSource(notice.dataset.changes);
    events.addEventListener("changed", (event) => {
      const { author } = JSON.parse(event.data);
      if (editing) {
        tell(author + " has just changed this page. Go on: when you save, you will see both texts.", "Look at theirs (new tab)");
      } else {
        tell(author + " has just changed this page.", "Show it");
      }
    });
    events.addEventListener("restarted", () => {
      tell("The server was started anew since this page was shown.", editing ? "Look at what is there now (new tab)" : "Show what is there now");
    });
  };

  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", listen);
}
