//! [`is_too_deep`]: whether answering an expression takes more calls within calls than a thread has room for.

use cel::common::ast::{EntryExpr, Expr, IdedExpr};

/// `1 + 1 + 1` is two deep. One that people write has a dozen.
pub(super) const DEEPEST: usize = 200;

/// Looked at without calls within calls.
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

fn parts<'e>(expression: &'e Expr, take: &mut dyn FnMut(&'e IdedExpr)) {
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
