// Lets a file be dropped on the form instead of chosen. Without this script the form works all the same.
const form = document.querySelector("form");
const input = form.querySelector("input[type=file]");
for (const kind of ["dragover", "dragleave", "drop"]) {
  form.addEventListener(kind, (event) => {
    event.preventDefault();
    form.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });
}
