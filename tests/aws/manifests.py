"""manifest.json against the files beside it: each is listed once, its digest is right, its unknowns are named."""

import hashlib
import os
import re

from documents import Finding, MANIFEST, TEMPLATE, UNKNOWN, list_files, strings

_DIGEST = re.compile(r"(sha256:)?(?P<hex>[0-9a-f]{64})")


class ManifestChecker:
    """Checks one output directory."""

    def __init__(self, directory, documents):
        self.directory = directory
        self.documents = {document.path: document for document in documents}
        self.findings = []

    def say(self, pointer, message, path=MANIFEST):
        self.findings.append(Finding(path, pointer, message))

    def check(self):
        """Returns the findings."""
        manifest = self.documents.get(MANIFEST)
        if manifest is None:
            self.say("", "the manifest is missing")
            return self.findings
        if manifest.value.get("format_version") != 1:
            self.say("/format_version", "must be 1")
        entries = manifest.value.get("files")
        if not isinstance(entries, list):
            self.say("/files", "must be a list")
            return self.findings
        listed = set()
        for index, entry in enumerate(entries):
            self._entry(entry, f"/files/{index}", listed)
        for path in list_files(self.directory):
            if path != MANIFEST and path not in listed:
                self.say("", "not listed in the manifest", path)
        return self.findings

    def _entry(self, entry, at, listed):
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str) or path.startswith("/") or ".." in path.split("/") or "\\" in path:
            self.say(f"{at}/path", "must be a path below the output directory")
            return
        if path in listed:
            self.say(f"{at}/path", f"{path} is listed twice")
        listed.add(path)
        if not isinstance(entry.get("resource"), str) or not entry["resource"]:
            self.say(f"{at}/resource", "must name a resource")
        self._digest(entry, path, at)
        self._sources(entry, path, at)
        self._unknowns(entry, path, at)

    def _digest(self, entry, path, at):
        file = os.path.join(self.directory, path)
        if not os.path.isfile(file):
            self.say(f"{at}/path", f"{path} does not exist")
            return
        with open(file, "rb") as stream:
            actual = hashlib.sha256(stream.read()).hexdigest()
        match = _DIGEST.fullmatch(str(entry.get("digest")))
        if not match:
            self.say(f"{at}/digest", "must be 64 hex digits")
        elif match["hex"] != actual:
            self.say(f"{at}/digest", f"the SHA-256 of {path} is {actual}")

    def _sources(self, entry, path, at):
        sources = entry.get("sources")
        if not isinstance(sources, list):
            self.say(f"{at}/sources", "must be a list")
            return
        if not sources and path != TEMPLATE:
            self.say(f"{at}/sources", f"names no line behind {path}")
        for index, source in enumerate(sources):
            file, line = (source.get("file"), source.get("line")) if isinstance(source, dict) else (None, None)
            if not isinstance(file, str) or not file:
                self.say(f"{at}/sources/{index}/file", "must be a file name")
            if not isinstance(line, int) or isinstance(line, bool) or line < 1:
                self.say(f"{at}/sources/{index}/line", "must be a line, from 1")

    def _unknowns(self, entry, path, at):
        document = self.documents.get(path)
        if document is None:
            return
        actual = {(pointer, found["resource"], found["attribute"])
                  for pointer, text in strings(document.value) for found in UNKNOWN.finditer(text)}
        listed = entry.get("unknowns", [])
        if not isinstance(listed, list) or not all(isinstance(unknown, dict) for unknown in listed):
            self.say(f"{at}/unknowns", "must be a list of objects")
            return
        said = [(unknown.get("pointer"), unknown.get("resource"), unknown.get("attribute")) for unknown in listed]
        if len(set(said)) != len(said):
            self.say(f"{at}/unknowns", "an unknown is listed twice")
        for pointer, resource, attribute in sorted(actual - set(said)):
            self.say(pointer, f"the manifest does not list the unknown {resource}#{attribute}", path)
        for pointer, resource, attribute in sorted(set(said) - actual, key=str):
            self.say(f"{at}/unknowns", f"{path} has no unknown {resource}#{attribute} at {pointer}")
        if path == TEMPLATE and actual:
            self.say(sorted(actual)[0][0], "a template uses Ref, GetAtt and Parameters, never an unknown", path)
