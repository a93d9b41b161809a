"use strict";
// Tells who reads or edits a page that somebody else has changed it. Without this script everything else works.
for (const notice of document.querySelectorAll("[data-changes]")) {
  const events = new EventSource(notice.dataset.changes);
  const tell = (text, address, label) => {
    events.close();
    const link = document.createElement("a");
    link.href = address;
    link.textContent = label;
    if (notice.dataset.show) {
      link.target = "_blank";
    }
    notice.replaceChildren(text + " ", link);
  };
  events.addEventListener("changed", (event) => {
    const { author } = JSON.parse(event.data);
    if (notice.dataset.show) {
      tell(author + " has just changed this page. Go on: when you save, you will see both texts.", notice.dataset.show, "Look at theirs (new tab)");
    } else {
      tell(author + " has just changed this page.", notice.dataset.again, "Show it");
    }
  });
  events.addEventListener("restarted", () => {
    tell("The server was started anew since this page was shown. Your text is safe here.", notice.dataset.show || notice.dataset.again, "Show what is there now");
  });
  addEventListener("pagehide", () => events.close());
}
