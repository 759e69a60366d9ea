//! The JSON Schema of the JSON report.

use super::json::SCHEMA_VERSION;
use crate::finding::Catalogue;
use crate::role::Role;
use serde_json::{Value, json};

/// The schema, with the codes that this version knows.
pub fn render(catalogue: &dyn Catalogue) -> Value {
    let cards = catalogue.cards();
    let codes: Vec<&str> = cards.iter().map(|card| card.code.as_str()).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "noharm report",
        "type": "object",
        "required": ["schema_version", "tool", "summary", "files", "errors"],
        "properties": {
            "schema_version": { "const": SCHEMA_VERSION },
            "tool": object(&json!({ "name": { "const": "noharm" }, "version": { "type": "string" } }), &[]),
            "summary": summary(),
            "files": { "type": "array", "items": { "$ref": "#/$defs/file" } },
            "errors": { "type": "array", "items": { "$ref": "#/$defs/error" } },
        },
        "$defs": {
            "file": file(),
            "diagnostic": diagnostic(&codes),
            "place": place(),
            "span": object(&json!({ "start": { "$ref": "#/$defs/place" }, "end": { "$ref": "#/$defs/place" } }), &[]),
            "label": label(),
            "fix": fix(),
            "edit": object(&json!({ "start": byte(), "end": byte(), "text": { "type": "string" } }), &[]),
            "error": error(),
        },
    })
}

fn label() -> Value {
    let code = json!({ "type": ["string", "null"], "description": "of the finding there for which this one speaks" });
    let span = json!({ "$ref": "#/$defs/span" });
    object(&json!({ "span": span, "text": { "type": "string" }, "code": code }), &["code"])
}

/// An object whose properties are all required, but for those named. Further ones may come with later versions.
fn object(properties: &Value, optional: &[&str]) -> Value {
    let names = properties.as_object().into_iter().flat_map(serde_json::Map::keys);
    let required: Vec<&String> = names.filter(|name| !optional.contains(&name.as_str())).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn byte() -> Value {
    json!({ "type": "integer", "minimum": 0, "description": "0-based byte offset" })
}

fn summary() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    object(
        &json!({
            "files": count, "incomplete": count, "errors": count, "warnings": count, "notes": count,
            "ignored": count, "covered": count, "below_severity": count, "below_confidence": count,
            "off": count, "fixed": count,
        }),
        &[],
    )
}

fn file() -> Value {
    let roles = Role::ALL.map(Role::as_str);
    object(
        &json!({
            "path": { "type": "string" },
            "role": { "enum": roles },
            "dialect": { "enum": ["sh", "dash", "bash", "ksh", "ash"] },
            "complete": { "type": "boolean", "description": "whether every region was understood" },
            "diagnostics": { "type": "array", "items": { "$ref": "#/$defs/diagnostic" } },
        }),
        &[],
    )
}

fn diagnostic(codes: &[&str]) -> Value {
    let text = json!({ "type": "string" });
    let maybe_text = json!({ "type": ["string", "null"] });
    object(
        &json!({
            "code": { "anyOf": [{ "enum": codes }, { "type": "string", "description": "a rule of one's own" }] },
            "name": text,
            "severity": { "enum": ["note", "warning", "error"] },
            "confidence": { "enum": ["low", "medium", "high"] },
            "message": text,
            "help": maybe_text,
            "url": maybe_text,
            "span": { "$ref": "#/$defs/span" },
            "label": maybe_text,
            "labels": { "type": "array", "items": { "$ref": "#/$defs/label" } },
            "fixes": { "type": "array", "items": { "$ref": "#/$defs/fix" } },
            "fingerprint": { "type": "string", "description": "stays the same when lines move" },
        }),
        &[],
    )
}

fn place() -> Value {
    let one = |what| json!({ "type": "integer", "minimum": 1, "description": what });
    object(&json!({ "byte": byte(), "line": one("1-based"), "column": one("1-based, in Unicode scalar values") }), &[])
}

fn fix() -> Value {
    object(
        &json!({
            "applicability": { "enum": ["safe", "unsafe", "manual"] },
            "title": { "type": "string" },
            "edits": { "type": "array", "items": { "$ref": "#/$defs/edit" } },
        }),
        &[],
    )
}

fn error() -> Value {
    object(
        &json!({
            "path": { "type": ["string", "null"] },
            "line": { "type": ["integer", "null"] },
            "column": { "type": ["integer", "null"] },
            "message": { "type": "string" },
        }),
        &[],
    )
}
