const settings = JSON.parse(document.getElementById("settings").textContent);
document.getElementById("docs").href = settings.base + "/docs";
