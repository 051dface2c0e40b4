# A finished study whose runs are gone.
import flanksim as fs

study = fs.run("corridor-mini", 1, jobs=1, results="results", bounds=False)
(study.folder / "runs.parquet").unlink()
fs.open(study.folder)
