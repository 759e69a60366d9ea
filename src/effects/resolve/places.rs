//! Words that name a path together with the place where it lies: `HOST:PATH`, `CONTAINER:PATH`.
//!
//! ```sh
//! scp haproxy.cfg deploy@lb1:/etc/haproxy/haproxy.cfg    # a file of the host that `ssh lb1` reaches
//! docker cp app.conf web:/etc/app/app.conf               # a file that `docker exec web` sees
//! ```

use super::Resolver;
use super::wrappers::label;
use crate::flow::value::ValueId;
use crate::knowledge::RootKind;

/// A path that lies somewhere else.
pub(super) struct Named {
    /// The root of things there.
    pub(super) root: ValueId,
    /// The path; absent where it begins in a directory of that place that nobody names.
    pub(super) path: Option<ValueId>,
}

impl Resolver<'_, '_> {
    /// The path of a word and where it lies, if the word says that it lies in another place of this kind.
    pub(super) fn named_elsewhere(&mut self, kind: RootKind, word: ValueId) -> Option<Named> {
        if kind == RootKind::Same {
            return None;
        }
        let pieces = self.flow.values.pieces(&word).to_vec();
        let begins = self.flow.values.begins(word);
        if begins.starts_with(['/', '.', '~', ':']) {
            return None;
        }
        let is_end = |text: &str| match kind {
            // A colon behind a slash is one in a name.
            RootKind::Host => text.find([':', '/']).filter(|&at| text[at..].starts_with(':')),
            _ => text.find(':'),
        };
        let is_path = |text: &str| kind == RootKind::Host && text.contains('/');
        let (at, colon) = pieces.iter().enumerate().find_map(|(at, &piece)| {
            let text = self.flow.values.text(piece)?;
            is_end(text).map(|colon| (at, Some(colon))).or_else(|| is_path(text).then_some((at, None)))
        })?;
        let colon = colon?;
        let text = self.flow.values.text(pieces[at])?.to_owned();
        let last = self.flow.values.constant(&text[..colon]);
        let name = self.flow.values.concat(pieces[..at].iter().copied().chain([last]));
        let first = self.flow.values.constant(&text[colon + 1..]);
        let path = self.flow.values.concat([first].into_iter().chain(pieces[at + 1..].iter().copied()));
        let root = if kind == RootKind::Host {
            self.host(name)
        } else {
            // `NAMESPACE/POD`: the command inside is given the pod alone.
            let behind = self.flow.values.text(name).and_then(|text| text.rfind('/')).map_or(0, |slash| slash + 1);
            let name = self.flow.values.tail(name, behind);
            let label = self.flow.values.constant(label(kind));
            self.flow.values.concat([label, name])
        };
        let begins = self.flow.values.begins(path);
        // What begins with a variable may well be a whole path.
        let is_whole = begins.starts_with('/') || begins.is_empty() && self.flow.values.text(path).is_none();
        Some(Named { root, path: is_whole.then_some(path) })
    }
}
