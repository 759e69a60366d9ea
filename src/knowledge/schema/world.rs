//! Small worlds: every combination of states of the things that a form names, and how operations change them.
//!
//! It knows states and operations, and nothing of commands, facts or verdicts.

/// What a thing looks like. Things that are no paths are `Plain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// No path.
    Plain,
    /// A file.
    File,
    /// A directory.
    Dir,
    /// A link to one of the things, or to nothing.
    Link(Option<usize>),
    /// A link to some file that is not among the things.
    LinkToFile,
    /// A link to some directory that is not among the things.
    LinkToDir,
    /// A dangling link.
    LinkToNothing,
}

/// What links lead to in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// A file.
    File,
    /// A directory.
    Dir,
    /// Nothing.
    Gone,
}

/// Where content comes from: equal means the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// None.
    Nothing,
    /// What this thing held at first.
    Old(usize),
    /// What two things held at first.
    OldSame,
    /// What comes with being made.
    Made(usize),
    /// Named content from outside.
    Source(String),
    /// A link's target.
    Target(String),
    /// Made anew in this run.
    Fresh(u8),
    /// Edited so that a second edit changes nothing.
    Edited(Box<Content>),
    /// Edited so that a second edit changes it again.
    Stepped(Box<Content>),
}

impl Content {
    fn is_edited(&self) -> bool {
        match self {
            Self::Edited(_) => true,
            Self::Stepped(inner) => inner.is_edited(),
            _ => false,
        }
    }
}

/// The state of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// How many there are.
    pub count: u8,
    /// What it looks like.
    pub shape: Shape,
    /// What is in it.
    pub content: Content,
}

impl Cell {
    const ABSENT: Self = Self { count: 0, shape: Shape::Plain, content: Content::Nothing };

    fn one(shape: Shape, content: Content) -> Self {
        Self { count: 1, shape, content }
    }
}

/// What is asked of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// It is there; a dangling link is.
    Present,
    /// A file, links followed.
    File,
    /// A directory, links followed.
    Dir,
    /// A link.
    Link,
    /// It is there, links followed.
    Resolves,
    /// There is something in it.
    Filled,
    /// It holds the same as another thing.
    Same(usize),
}

/// A predicate of a thing, or its opposite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Of which thing.
    pub thing: usize,
    /// What.
    pub predicate: Predicate,
    /// Whether it must hold, or must not.
    pub holds: bool,
}

/// Where the content of an operation comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// Nowhere: it becomes empty.
    Nothing,
    /// From a thing.
    Thing(usize),
    /// From outside.
    Outside(String),
}

/// A change of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is there, if it was not.
    Present,
    /// It and all below is gone.
    Absent,
    /// It is a file, if it was none.
    File,
    /// It is a directory, if it was none.
    Dir,
    /// It is a link.
    Link(From),
    /// It gets this content.
    Becomes(From),
    /// It gets content that is new in every run.
    Fresh,
    /// It is edited; twice is once.
    Edit,
    /// It is edited; twice is not once.
    Step,
    /// One more.
    More,
    /// One less.
    Less,
}

/// The things of a form, as far as worlds are concerned.
#[derive(Clone, Debug)]
pub struct Things {
    /// Their keys with the names of roles in them, such as `path:B/A`.
    keys: Vec<String>,
    order: Vec<usize>,
}

/// The state of all things.
pub type World = Vec<Cell>;

impl Things {
    /// Things by key.
    pub fn new(keys: Vec<String>) -> Self {
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
        Self { keys, order }
    }

    /// Number of things.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it is a path, and not a text in one.
    pub fn is_path(&self, thing: usize) -> bool {
        self.keys[thing].starts_with("path:") && !self.keys[thing].contains('#')
    }

    fn is_part(&self, thing: usize) -> bool {
        self.keys[thing].contains('#')
    }

    fn is_below(&self, thing: usize, parent: usize) -> bool {
        let (child, parent_key) = (&self.keys[thing], self.keys[parent].trim_end_matches('/'));
        child.strip_prefix(parent_key).is_some_and(|rest| {
            rest.starts_with('#') || rest.starts_with('/') && self.is_path(thing) && self.is_path(parent)
        })
    }

    /// What a thing is once links are followed.
    pub fn resolved(world: &World, thing: usize) -> Resolved {
        let mut at = thing;
        for _ in 0..5 {
            let cell = &world[at];
            if cell.count == 0 {
                return Resolved::Gone;
            }
            at = match cell.shape {
                Shape::Plain | Shape::File | Shape::LinkToFile => return Resolved::File,
                Shape::Dir | Shape::LinkToDir => return Resolved::Dir,
                Shape::LinkToNothing | Shape::Link(None) => return Resolved::Gone,
                Shape::Link(Some(target)) => target,
            };
        }
        Resolved::Gone
    }

    /// Whether a literal is true.
    pub fn holds(&self, world: &World, literal: Literal) -> bool {
        let cell = &world[literal.thing];
        let there = cell.count > 0;
        let resolved = || Self::resolved(world, literal.thing);
        let answer = match literal.predicate {
            Predicate::Same(other) => there && world[other].count > 0 && cell.content == world[other].content,
            Predicate::Link if !self.is_path(literal.thing) => false,
            _ if !self.is_path(literal.thing) => there,
            Predicate::Present => there,
            Predicate::File => resolved() == Resolved::File,
            Predicate::Dir => resolved() == Resolved::Dir,
            Predicate::Link => there && !matches!(cell.shape, Shape::Plain | Shape::File | Shape::Dir),
            Predicate::Resolves => resolved() != Resolved::Gone,
            Predicate::Filled => resolved() != Resolved::Gone && cell.content != Content::Nothing,
        };
        answer == literal.holds
    }

    /// Applies one change in the given run.
    pub fn apply(&self, world: &mut World, thing: usize, change: &Change, run: u8) {
        let is_path = self.is_path(thing);
        let plain = if is_path { Shape::File } else { Shape::Plain };
        let content = world[thing].content.clone();
        match change {
            Change::Present => {
                if world[thing].count == 0 {
                    world[thing] = Cell::one(plain, Content::Made(thing));
                }
            }
            Change::Absent => {
                self.clear_below(world, thing, false);
                world[thing] = Cell::ABSENT;
            }
            Change::File | Change::Dir => {
                let (shape, wanted) = match change {
                    Change::File => (Shape::File, Resolved::File),
                    _ => (Shape::Dir, Resolved::Dir),
                };
                if Self::resolved(world, thing) != wanted {
                    world[thing] = Cell::one(shape, Content::Nothing);
                }
            }
            Change::Link(target) => {
                self.clear_below(world, thing, false);
                let (to, text) = match target {
                    From::Thing(other) => (Some(*other), self.keys[*other].clone()),
                    From::Outside(text) => (None, text.clone()),
                    From::Nothing => (None, String::new()),
                };
                world[thing] = Cell::one(Shape::Link(to), Content::Target(text));
            }
            Change::Becomes(from) => {
                let value = match from {
                    From::Nothing => Content::Nothing,
                    From::Thing(other) => world[*other].content.clone(),
                    From::Outside(text) => Content::Source(text.clone()),
                };
                self.clear_below(world, thing, true);
                let directory = matches!(from, From::Thing(other) if Self::resolved(world, *other) == Resolved::Dir);
                self.put(world, thing, value, directory);
            }
            Change::Fresh => {
                self.clear_below(world, thing, true);
                self.put(world, thing, Content::Fresh(run), false);
            }
            Change::Edit => {
                let value = if content.is_edited() { content } else { Content::Edited(Box::new(content)) };
                self.put(world, thing, value, false);
            }
            Change::Step => self.put(world, thing, Content::Stepped(Box::new(content)), false),
            Change::More => {
                if world[thing].count == 0 {
                    world[thing].content = Content::Made(thing);
                }
                world[thing].count = world[thing].count.saturating_add(1);
            }
            Change::Less => world[thing].count = world[thing].count.saturating_sub(1),
        }
    }

    fn put(&self, world: &mut World, thing: usize, content: Content, as_directory: bool) {
        let stays = world[thing].count > 0 && (!self.is_path(thing) || Self::resolved(world, thing) != Resolved::Gone);
        let shape = match (stays, self.is_path(thing), as_directory) {
            (true, ..) => world[thing].shape,
            (false, false, _) => Shape::Plain,
            (false, true, true) => Shape::Dir,
            (false, true, false) => Shape::File,
        };
        world[thing] = Cell { count: world[thing].count.max(1), shape, content };
    }

    /// Takes away what lies below: everything, or only the texts in a file.
    fn clear_below(&self, world: &mut World, thing: usize, only_parts: bool) {
        for (below, cell) in world.iter_mut().enumerate() {
            if self.is_below(below, thing) && (!only_parts || self.is_part(below)) {
                *cell = Cell::ABSENT;
            }
        }
    }

    fn states(&self, thing: usize, alone: bool) -> Vec<Cell> {
        let old = || Content::Old(thing);
        if !self.is_path(thing) {
            let one = Cell::one(Shape::Plain, old());
            return vec![Cell::ABSENT, one.clone(), Cell { count: 2, ..one }];
        }
        let mut states = vec![
            Cell::ABSENT,
            Cell::one(Shape::File, Content::Nothing),
            Cell::one(Shape::File, old()),
            Cell::one(Shape::Dir, Content::Nothing),
            Cell::one(Shape::Dir, old()),
            Cell::one(Shape::LinkToFile, old()),
            Cell::one(Shape::LinkToDir, old()),
            Cell::one(Shape::LinkToNothing, old()),
        ];
        if !alone {
            states.push(Cell::one(Shape::File, Content::OldSame));
            states.push(Cell::one(Shape::LinkToFile, Content::OldSame));
        }
        states
    }

    /// At most how many worlds there are: they grow as the product of the things.
    pub fn size(&self) -> usize {
        (0..self.len()).fold(1, |size, thing| size.saturating_mul(self.states(thing, false).len()))
    }

    /// Every world that can be, the plainest first: a child lives in a directory, a text in a file that is not empty.
    pub fn worlds(&self, given: &[Literal]) -> Vec<World> {
        let alone = (0..self.len()).filter(|thing| self.is_path(*thing)).count() < 2;
        let mut worlds: Vec<World> = vec![vec![Cell::ABSENT; self.len()]];
        for thing in &self.order {
            let states = self.states(*thing, alone);
            worlds = worlds
                .into_iter()
                .flat_map(|world| {
                    states.iter().map(move |state| {
                        let mut next = world.clone();
                        next[*thing] = state.clone();
                        next
                    })
                })
                .collect();
        }
        worlds.retain(|world| self.can_be(world) && given.iter().all(|literal| self.holds(world, *literal)));
        worlds
    }

    fn can_be(&self, world: &World) -> bool {
        (0..self.len()).filter(|thing| world[*thing].count > 0).all(|thing| {
            (0..self.len()).filter(|parent| *parent != thing && self.is_below(thing, *parent)).all(|parent| {
                if !self.is_path(parent) {
                    world[parent].count > 0
                } else if self.is_part(thing) {
                    Self::resolved(world, parent) == Resolved::File && world[parent].content != Content::Nothing
                } else {
                    Self::resolved(world, parent) == Resolved::Dir
                }
            })
        })
    }

    /// Whether a thing is one that lies in a directory which is also among the things.
    pub fn is_child(&self, thing: usize) -> bool {
        self.is_path(thing) && (0..self.len()).any(|parent| parent != thing && self.is_below(thing, parent))
    }
}
