// A page of what somebody shows: covered at once when it is taken back, also while it is open. One about everybody follows
// nobody; it is asked for anew where the back button brings it.

const wearer = document.getElementById("shown")?.dataset.wearer;
if (wearer) follow();
window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());

function follow() {
  const stream = new EventSource(`/api/clients/${wearer}/live`);
  let standing = null;
  stream.addEventListener("shown", ({ data }) => {
    const told = JSON.parse(data).standing;
    if (standing !== null && told !== standing) window.location.reload();
    standing = told;
  });
  stream.addEventListener("bye", ({ data }) => {
    stream.close();
    if (JSON.parse(data).over) cover();
  });
  // A refused stream is not tried again by the browser: what was shown is not any more. A lost server is tried on.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) cover();
  });
}

function cover() {
  const words = document.createElement("p");
  words.className = "lead";
  words.dataset.testid = "nothing-to-show";
  words.setAttribute("role", "status");
  words.textContent = "Nothing to show. No reason is asked.";
  const back = document.createElement("a");
  back.className = "plain";
  back.href = "/clients";
  back.textContent = "Caseload";
  document.getElementById("main").replaceChildren(words, back);
}
