//! What an expression is made of: whether it is too deep, whether it loops within loops, and which names stand in it. Looked at
//! without calls within calls.

use std::collections::HashSet;

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, operators};

/// `1 + 1 + 1` is two deep. One that people write has a dozen.
pub(super) const DEEPEST: usize = 200;

/// Whether answering it takes more calls within calls than a thread has room for.
pub(super) fn is_too_deep(expression: &IdedExpr) -> bool {
    let mut open = vec![(expression, 1)];
    while let Some((expression, depth)) = open.pop() {
        if depth > DEEPEST {
            return true;
        }
        parts(&expression.expr, &mut |part| open.push((part, depth + 1)));
    }
    false
}

/// Whether it has a loop, which is what `map`, `filter`, `all`, `exists` and `exists_one` are, within another one, or over what
/// another one answers: each would multiply the work, or what has to be held in memory.
pub(super) fn has_nested_loops(expression: &IdedExpr) -> bool {
    let mut open = vec![(expression, false)];
    while let Some((expression, is_in_loop)) = open.pop() {
        let is_loop = matches!(expression.expr, Expr::Comprehension(_));
        if is_loop && is_in_loop {
            return true;
        }
        parts(&expression.expr, &mut |part| open.push((part, is_in_loop || is_loop)));
    }
    false
}

/// The names that it asks for by `.name` and `['name']`.
pub(super) fn names(expression: &IdedExpr) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut open = vec![expression];
    while let Some(expression) = open.pop() {
        match &expression.expr {
            Expr::Select(select) => _ = names.insert(select.field.clone()),
            Expr::Call(call) if call.func_name == operators::INDEX => {
                if let Some(Expr::Literal(LiteralValue::String(name))) = call.args.last().map(|index| &index.expr) {
                    names.insert(name.inner().to_owned());
                }
            }
            _ => {}
        }
        parts(&expression.expr, &mut |part| open.push(part));
    }
    names
}

/// Calls `take` for each part of an expression.
pub(super) fn parts<'e>(expression: &'e Expr, take: &mut dyn FnMut(&'e IdedExpr)) {
    let entries = match expression {
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => return,
        Expr::Call(call) => {
            call.target.iter().for_each(|target| take(target));
            return call.args.iter().for_each(take);
        }
        Expr::Comprehension(loops) => {
            let parts = [
                &loops.iter_range,
                &loops.accu_init,
                &loops.loop_cond,
                &loops.loop_step,
                &loops.result,
            ];
            return parts.into_iter().for_each(take);
        }
        Expr::List(list) => return list.elements.iter().for_each(take),
        Expr::Select(select) => return take(&select.operand),
        Expr::Map(map) => &map.entries,
        Expr::Struct(structure) => &structure.entries,
    };
    for entry in entries {
        match &entry.expr {
            EntryExpr::StructField(field) => take(&field.value),
            EntryExpr::MapEntry(entry) => {
                take(&entry.key);
                take(&entry.value);
            }
        }
    }
}
