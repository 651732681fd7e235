//! [`Plan`]: a schema flattened into an array, and [`Cursor`]: where a writer stands in it.
//!
//! A connector writes values without naming them, so a writer must know at every call which part of the schema is next.
//! Walking the tree of `Arc<Schema>` for that would cost more than writing the value. A plan is compiled once per
//! schema; after that a call is one index, one comparison and one addition.
//!
//! **Layout.** The children of a node stand side by side. A struct visits its children once; an array has one child and
//! visits it once per item; a map has two, key and value. So every container is the same thing: a row of children
//! visited for a number of rounds.

use std::ops::Range;

use connector_api::data::{Schema, SchemaType, WriteError};

/// What may be written at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Int32,
    Int64,
    Float32,
    Float64,
    String,
    Bytes,
    Struct,
    Array,
    Map,
}

impl Kind {
    fn of(schema_type: &SchemaType) -> Self {
        match schema_type {
            SchemaType::Int8 | SchemaType::Int16 | SchemaType::Int32 => Kind::Int32,
            SchemaType::Int64 => Kind::Int64,
            SchemaType::Float32 => Kind::Float32,
            SchemaType::Float64 => Kind::Float64,
            SchemaType::Boolean => Kind::Boolean,
            SchemaType::String => Kind::String,
            SchemaType::Bytes => Kind::Bytes,
            SchemaType::Array(_) => Kind::Array,
            SchemaType::Map(..) => Kind::Map,
            SchemaType::Struct(_) => Kind::Struct,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "a boolean",
            Kind::Int32 => "an int32",
            Kind::Int64 => "an int64",
            Kind::Float32 => "a float32",
            Kind::Float64 => "a float64",
            Kind::String => "a string",
            Kind::Bytes => "bytes",
            Kind::Struct => "a struct",
            Kind::Array => "an array",
            Kind::Map => "a map",
        }
    }
}

/// What stands above a node, which decides how some formats write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parent {
    /// The whole value.
    Root,
    /// A field of a struct, by index.
    Field(usize),
    /// An item of an array.
    Item,
    /// A key of a map.
    Key,
    /// A value of a map.
    MapValue,
}

/// One node of a schema, with what a format `F` needs to know about it.
#[derive(Debug)]
pub(crate) struct Node<F> {
    pub(crate) kind: Kind,
    first_child: u32,
    end_of_children: u32,
    pub(crate) format: F,
}

/// A schema, flattened.
#[derive(Debug)]
pub(crate) struct Plan<F> {
    nodes: Vec<Node<F>>,
    /// Names of struct fields, by node; read for error messages only.
    names: Vec<Option<Box<str>>>,
}

/// How a format `F` sees a node. Children are compiled before their parent, so a default can be encoded at once.
pub(crate) trait Format: Sized {
    /// Collects constants, such as encoded defaults.
    type Constants;
    /// What cannot be compiled.
    type Error;

    /// Holds the place of a node that is not compiled yet.
    fn placeholder() -> Self;

    /// Compiles the node at `index` of `plan`, whose children are complete.
    fn compile(
        schema: &Schema,
        parent: Parent,
        plan: &mut Plan<Self>,
        index: u32,
        constants: &mut Self::Constants,
    ) -> Result<(), Self::Error>;
}

impl<F: Format> Plan<F> {
    pub(crate) fn compile(schema: &Schema, constants: &mut F::Constants) -> Result<Self, F::Error> {
        let mut plan = Plan {
            nodes: Vec::new(),
            names: Vec::new(),
        };
        plan.reserve(schema, None);
        plan.fill(0, schema, Parent::Root, constants)?;
        Ok(plan)
    }

    fn reserve(&mut self, schema: &Schema, name: Option<&str>) {
        self.nodes.push(Node {
            kind: Kind::of(&schema.schema_type),
            first_child: 0,
            end_of_children: 0,
            format: F::placeholder(),
        });
        self.names.push(name.map(Into::into));
    }

    fn fill(
        &mut self,
        index: u32,
        schema: &Schema,
        parent: Parent,
        constants: &mut F::Constants,
    ) -> Result<(), F::Error> {
        let first = self.nodes.len() as u32;
        let children: Vec<(&Schema, Parent)> = match &schema.schema_type {
            SchemaType::Struct(fields) => {
                fields
                    .iter()
                    .for_each(|field| self.reserve(&field.schema, Some(&field.name)));
                fields
                    .iter()
                    .enumerate()
                    .map(|(at, field)| (&*field.schema, Parent::Field(at)))
                    .collect()
            }
            SchemaType::Array(items) => {
                self.reserve(items, None);
                vec![(items, Parent::Item)]
            }
            SchemaType::Map(keys, values) => {
                self.reserve(keys, None);
                self.reserve(values, None);
                vec![(keys, Parent::Key), (values, Parent::MapValue)]
            }
            _ => Vec::new(),
        };
        let node = &mut self.nodes[index as usize];
        node.first_child = first;
        node.end_of_children = first + children.len() as u32;
        for (offset, (child, parent)) in children.into_iter().enumerate() {
            self.fill(first + offset as u32, child, parent, constants)?;
        }
        F::compile(schema, parent, self, index, constants)
    }
}

impl<F> Plan<F> {
    pub(crate) fn node_mut(&mut self, index: u32) -> &mut Node<F> {
        &mut self.nodes[index as usize]
    }

    /// The nodes of a map's key and value.
    pub(crate) fn map_children(&self, index: u32) -> (u32, u32) {
        let first = self.nodes[index as usize].first_child;
        (first, first + 1)
    }

    /// The name of the struct field at a node.
    pub(crate) fn field_name(&self, index: u32) -> Option<&str> {
        self.names.get(index as usize)?.as_deref()
    }
}

/// A row of children, the next one to visit, and the rounds left.
#[derive(Debug, Clone, Copy)]
struct Frame {
    first: u32,
    next: u32,
    end: u32,
    rounds_left: u32,
}

/// Where a writer stands in a plan. Its stack is reused from value to value.
#[derive(Debug)]
pub(crate) struct Cursor {
    frame: Frame,
    open: Vec<Frame>,
}

impl Default for Cursor {
    fn default() -> Self {
        Cursor {
            frame: Frame {
                first: 0,
                next: 0,
                end: 0,
                rounds_left: 0,
            },
            open: Vec::new(),
        }
    }
}

impl Cursor {
    /// Goes to a node; what was open is forgotten.
    pub(crate) fn start_at(&mut self, index: u32) {
        self.open.clear();
        self.frame = Frame {
            first: index,
            next: index,
            end: index + 1,
            rounds_left: 1,
        };
    }

    /// The next node, which must take a value of `kind`.
    #[inline(always)]
    pub(crate) fn expect<'p, F>(&self, plan: &'p Plan<F>, kind: Kind) -> Result<&'p Node<F>, WriteError> {
        match plan.nodes.get(self.frame.next as usize) {
            Some(node) if node.kind == kind && self.frame.rounds_left > 0 => Ok(node),
            _ => Err(self.mismatch(plan, kind)),
        }
    }

    /// The next node, whatever it takes.
    #[inline(always)]
    pub(crate) fn expect_any<'p, F>(&self, plan: &'p Plan<F>) -> Result<&'p Node<F>, WriteError> {
        match plan.nodes.get(self.frame.next as usize) {
            Some(node) if self.frame.rounds_left > 0 => Ok(node),
            _ => Err(self.error(plan, "more values than the schema has places".to_owned())),
        }
    }

    /// Leaves a node that was written.
    #[inline(always)]
    pub(crate) fn advance(&mut self) {
        self.frame.next += 1;
        if self.frame.next == self.frame.end {
            self.frame.rounds_left -= 1;
            self.frame.next = self.frame.first;
        }
    }

    /// Goes down into a container whose children are visited `rounds` times.
    #[inline]
    pub(crate) fn enter<F>(&mut self, node: &Node<F>, rounds: u32) {
        self.open.push(self.frame);
        let rounds_left = if node.first_child == node.end_of_children {
            0
        } else {
            rounds
        };
        self.frame = Frame {
            first: node.first_child,
            next: node.first_child,
            end: node.end_of_children,
            rounds_left,
        };
    }

    /// Comes up from a complete container of `kind`, and leaves it.
    #[inline]
    pub(crate) fn leave<'p, F>(&mut self, plan: &'p Plan<F>, kind: Kind) -> Result<&'p Node<F>, WriteError> {
        if self.frame.rounds_left != 0 {
            return Err(self.error(plan, format!("{} was closed before it was complete", kind.name())));
        }
        let Some(outer) = self.open.pop() else {
            return Err(self.error(plan, format!("{} was closed that was never opened", kind.name())));
        };
        self.frame = outer;
        let node = self.expect(plan, kind)?;
        self.advance();
        Ok(node)
    }

    /// Whether the value is complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.frame.rounds_left == 0 && self.open.is_empty()
    }

    #[cold]
    fn mismatch<F>(&self, plan: &Plan<F>, kind: Kind) -> WriteError {
        match plan.nodes.get(self.frame.next as usize) {
            Some(node) if self.frame.rounds_left > 0 => self.error(
                plan,
                format!("the schema wants {}, not {}", node.kind.name(), kind.name()),
            ),
            _ => self.error(plan, "more values than the schema has places".to_owned()),
        }
    }

    /// An error at the place where the cursor stands, which is named.
    #[cold]
    pub(crate) fn error<F>(&self, plan: &Plan<F>, message: String) -> WriteError {
        let here = (self.frame.rounds_left > 0).then_some(self.frame.next);
        let outer = self.open.iter().rev().map(|frame| frame.next);
        here.into_iter()
            .chain(outer)
            .filter_map(|index| plan.field_name(index))
            .fold(WriteError::new(message), WriteError::in_field)
    }
}

/// Bytes that never change, such as encoded defaults, and where each piece lies.
#[derive(Debug, Default)]
pub(crate) struct Constants(Vec<u8>);

impl Constants {
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Span {
        let start = self.0.len() as u32;
        self.0.extend_from_slice(bytes);
        Span {
            start,
            end: self.0.len() as u32,
        }
    }

    #[inline]
    pub(crate) fn piece(&self, span: Span) -> &[u8] {
        &self.0[Range::from(span)]
    }
}

/// A piece of [`Constants`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start as usize..span.end as usize
    }
}
