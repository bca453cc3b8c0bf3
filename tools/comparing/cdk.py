"""`cdk synth`: TypeScript's check of the types of the L1 constructs, then what the app says when it is synthesized."""

import json
import os
import re
import shutil
import subprocess

import cloudformation

PACKAGES = ("aws-cdk-lib@2", "constructs@10", "typescript@5", "@types/node@20")
INSTALL_SECONDS = 300
RUN_SECONDS = 900
CLASSES = {"RegisterTaskDefinition": "ecs.CfnTaskDefinition", "CreateService": "ecs.CfnService"}

RESOURCE = """import {{ App, Stack }} from "aws-cdk-lib";
import * as ecs from "aws-cdk-lib/aws-ecs";
export function build(): void {{
  const app = new App();
  new {kind}(new Stack(app, "Stack"), "Subject", {literal});
  app.synth();
}}
"""
TEMPLATE = """import {{ App, Stack }} from "aws-cdk-lib";
import {{ CfnInclude }} from "aws-cdk-lib/cloudformation-include";
export function build(): void {{
  const app = new App();
  new CfnInclude(new Stack(app, "Stack"), "Subject", {{ templateFile: {path} }});
  app.synth();
}}
"""
# Asked file by file: a syntax error in one file makes tsc itself keep silent about the types of all others.
RUNNER = """const fs = require("fs");
const path = require("path");
const ts = require("typescript");
const { options, fileNames } = ts.parseJsonConfigFileContent(JSON.parse(fs.readFileSync("tsconfig.json", "utf8")), ts.sys, ".");
const program = ts.createProgram(fileNames, options);
program.emit();
const result = {};
for (const file of fileNames) {
  const name = path.basename(file, ".ts");
  const source = program.getSourceFile(file);
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  result[name] = found.length ? `TS${found[0].code}: ` + ts.flattenDiagnosticMessageText(found[0].messageText, " ") : "";
  if (result[name]) continue;
  try {
    require("./" + path.join("out", name + ".js")).build();
  } catch (error) {
    result[name] = String(error.message || error).split("\\n").slice(0, 3).join(" ") || "failed";
  }
}
fs.writeFileSync("result.json", JSON.stringify(result));
"""
CONFIG = {"compilerOptions": {"target": "ES2022", "module": "commonjs", "strict": True, "skipLibCheck": True, "outDir": "out", "rootDir": "src",
                              "noEmitOnError": False, "types": ["node"]}, "include": ["src"]}


def prepare(folder):
    """Installs the packages below `folder`; "" or why it cannot be done."""
    npm = shutil.which("npm")
    if not npm:
        return "npm is not installed"
    os.makedirs(folder, exist_ok=True)
    if os.path.exists(os.path.join(folder, "node_modules", "aws-cdk-lib", "package.json")):
        return ""
    with open(os.path.join(folder, "package.json"), "w", encoding="utf-8") as file:
        json.dump({"name": "compared", "private": True}, file)
    try:
        done = subprocess.run([npm, "install", "--no-audit", "--no-fund", *PACKAGES], cwd=folder, capture_output=True, text=True,
                              timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        return "npm did not answer in time"
    return "" if done.returncode == 0 else "npm install failed: " + done.stderr.strip().split("\n")[-1]


def version(folder):
    with open(os.path.join(folder, "node_modules", "aws-cdk-lib", "package.json"), encoding="utf-8") as file:
        return json.load(file)["version"]


def camel(name):
    """The name that the construct library gives a property of CloudFormation: EnableECSManagedTags is enableEcsManagedTags."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name)
    words = re.sub(r"([A-Z])([A-Z][a-z])", r"\1-\2", words).split("-")
    return words[0].lower() + "".join(word[:1].upper() + word[1:].lower() for word in words[1:])


def _convert(value, shape, name_of):
    """An API document with the names of the construct's properties; what the API does not have stays as it is written."""
    if isinstance(value, list):
        item = shape.member if shape is not None and shape.type_name == "list" else None
        return [_convert(one, item, name_of) for one in value]
    if not isinstance(value, dict) or shape is None or shape.type_name != "structure":
        return value
    result = {}
    for key, item in value.items():
        if cloudformation.says_nothing(f"{shape.name}.{key}", item):
            continue
        member = shape.members.get(key)
        name = key if member is None else name_of(shape.name, key)
        result[name] = item if member is None else _convert(item, member, name_of)
    return result


def _names(document):
    """Maps API members to the construct's properties by way of the CloudFormation names."""
    names = {}

    def walk(shape, schema, root):
        schema = cloudformation.resolve(schema or {}, root)
        while shape.type_name == "list":
            shape, schema = shape.member, cloudformation.resolve(schema.get("items", {}), root)
        if shape.type_name != "structure":
            return
        properties = {name.lower(): name for name in schema.get("properties", {})}
        for key, member in shape.members.items():
            name = cloudformation.RENAMED.get(f"{shape.name}.{key}") or properties.get(key.lower())
            names.setdefault((shape.name, key), camel(name) if name else key)
            if name:
                walk(member, schema["properties"][name], root)

    root = cloudformation.ROOTS[document.kind]
    walk(cloudformation.input_shape(document.kind), root, root)
    return lambda shape, key: names.get((shape, key), key)


def source_of(document):
    if document.kind == "template":
        return TEMPLATE.format(path=json.dumps(os.path.abspath(document.path)))
    if document.body is None or document.twice:
        literal = document.filled  # JSON is TypeScript: the mistake of the text is taken over with it
    else:
        literal = json.dumps(_convert(document.body, cloudformation.input_shape(document.kind), _names(document)), indent=2)
    return RESOURCE.format(kind=CLASSES[document.kind], literal=literal)


def judge_all(folder, documents):
    """{name of a document: what `cdk synth` says, "" for nothing}."""
    for name in ("src", "out", "result.json"):
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.exists(path):
            os.remove(path)
    os.makedirs(os.path.join(folder, "src"))
    with open(os.path.join(folder, "tsconfig.json"), "w", encoding="utf-8") as file:
        json.dump(CONFIG, file)
    with open(os.path.join(folder, "run.js"), "w", encoding="utf-8") as file:
        file.write(RUNNER)
    for document in documents:
        with open(os.path.join(folder, "src", document.name + ".ts"), "w", encoding="utf-8") as file:
            file.write(source_of(document))
    subprocess.run(["node", "run.js"], cwd=folder, capture_output=True, text=True, timeout=RUN_SECONDS, check=True)
    with open(os.path.join(folder, "result.json"), encoding="utf-8") as file:
        return json.load(file)
