//! Which Groovy expressions mean the same in CEL: comparisons of fields with literals, joined by `&&`, `||`, `!` and `?:`. Those
//! run as they are written; where one of the languages has no answer, such as for a row that is null, CEL has none either, or
//! one that Groovy would have had without the failing part.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};

use super::parts::parts;

/// What Debezium calls the language.
pub(super) const LANGUAGE: &str = "jsr223.groovy";

const OPERATORS: [&str; 12] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
    operators::IN,
];
/// Methods of texts.
const METHODS: [&str; 3] = ["startsWith", "endsWith", "contains"];
const VARIABLES: [&str; 4] = ["key", "value", "topic", "header"];

/// Whether `text`, which is `expression` in CEL, is the same in Groovy.
pub(super) fn is_the_same(text: &str, expression: &IdedExpr) -> bool {
    // Escapes, texts with expressions in them, and octal numbers differ.
    if text.contains(['\\', '$']) || has_octal_number(text) {
        return false;
    }
    let mut open = vec![expression];
    while let Some(expression) = open.pop() {
        if !is_common(&expression.expr) {
            return false;
        }
        parts(&expression.expr, &mut |part| open.push(part));
    }
    true
}

fn is_common(expression: &Expr) -> bool {
    match expression {
        Expr::Ident(name) => VARIABLES.contains(&name.as_str()),
        Expr::Select(select) => !select.test,
        Expr::List(list) => list.elements.iter().all(|element| is_literal(&element.expr)),
        Expr::Call(call) => match (call.func_name.as_str(), &call.target) {
            (operators::ADD, None) => call.args.iter().any(|part| is_text(&part.expr)),
            (operator, None) => OPERATORS.contains(&operator),
            (method, Some(_)) => METHODS.contains(&method) && call.args.len() == 1,
        },
        literal => is_literal(literal),
    }
}

fn is_literal(expression: &Expr) -> bool {
    use LiteralValue::{Boolean, Double, Int, Null, String};
    matches!(
        expression,
        Expr::Literal(Boolean(_) | Double(_) | Int(_) | Null | String(_))
    )
}

fn is_text(expression: &Expr) -> bool {
    matches!(expression, Expr::Literal(LiteralValue::String(_)))
}

fn has_octal_number(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
    words.any(|word| word.len() > 1 && word.starts_with('0') && !word.starts_with("0."))
}
