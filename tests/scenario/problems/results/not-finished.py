# A study that was interrupted.
import flanksim as fs

study = fs.run("corridor-mini", 1, jobs=1, results="results", bounds=False)
manifest = study.folder / "manifest.json"
manifest.write_text(manifest.read_text().replace('"complete"', '"interrupted"'))
fs.open(study.folder)
