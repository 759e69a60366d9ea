//! The closed list of words that knowledge, effects and rules share.
//!
//! A leaf without logic. A rule, a row of a command and a check can only speak these words; their spelling in
//! TOML is the kebab-case of the variant. This file is also compiled into the build script, so it imports
//! nothing of the crate.

use serde::{Deserialize, Serialize};

/// What a command does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectKind {
    /// Content of a file changes; [`How`] says in which manner.
    Write,
    /// Something is removed.
    Delete,
    /// Something that had a name of its own comes into being (also: mount, firewall rule, link).
    Create,
    /// A service changes state.
    Service,
    /// The host itself: reboot, power off, fence.
    Node,
    /// Promote, demote, reset, rebuild of a replica.
    Replication,
    /// Quorum, fencing, maintenance of a cluster.
    Cluster,
    /// Addresses, DNS and load balancers move.
    Traffic,
    /// A copy is made to go back to.
    Backup,
    /// Data is put back.
    Restore,
    /// Something runs on other hosts.
    Remote,
    /// The working directory of the script changes (`cd`).
    Directory,
    /// Something is done again and again; [`How`] says by what it ends.
    Loop,
    /// An exit status is lost, mistaken or decided beforehand; [`How`] says in which way.
    Status,
    /// What is relied on of an action of an agent, an init script or a hook is not so; [`How`] says of which one.
    Action,
    /// Something was begun that ends later than its command, and what follows does not wait for it; [`How`] says what.
    Pending,
    /// A lock is none, or there is none where one is needed.
    Lock,
}

/// In which manner, for the kinds that have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Write: the file is emptied first (`>`, `tee`).
    Truncate,
    /// Write: added at the end (`>>`, `tee -a`).
    Append,
    /// Write: edited where it stands (`sed -i`).
    InPlace,
    /// Write: another file takes its place (`cp`, `mv`, `install`).
    Replace,
    /// Create: a symbolic or hard link.
    Link,
    /// Create: a directory.
    Directory,
    /// Create: a file.
    File,
    /// Create: a user or group.
    User,
    /// Create: an address, route, link or policy rule of the network.
    Network,
    /// Create: a firewall rule, chain or set entry.
    Rule,
    /// Create: a mount.
    Mount,
    /// Create: a filesystem, volume, partition or swap area.
    Volume,
    /// Create: a database, role, table or schema.
    Database,
    /// Create: a container, pod, image, network of containers.
    Container,
    /// Create: a resource of a cluster manager.
    Resource,
    /// Create: a checkout or an unpacked archive.
    Checkout,
    /// Create: a key, certificate or password.
    Key,
    /// Create: a package is installed.
    Package,
    /// Create: anything else that has a name.
    Object,
    /// Delete: one file or an empty directory.
    Entry,
    /// Delete: a whole tree.
    Tree,
    /// Service or action: start.
    Start,
    /// Service or action: stop.
    Stop,
    /// Service or action: stop, then start.
    Restart,
    /// Service: read the configuration again without stopping.
    Reload,
    /// Service: a signal that ends it.
    Kill,
    /// Service: starts at boot from now on.
    Enable,
    /// Service: starts at boot no more, or cannot be started.
    Disable,
    /// Node: reboot.
    Reboot,
    /// Node: power off or halt.
    PowerOff,
    /// Replication: becomes primary.
    Promote,
    /// Replication: becomes standby.
    Demote,
    /// Replication or cluster: state is thrown away.
    Reset,
    /// Cluster: a safety is overridden.
    Force,
    /// Loop: as long as a condition says (`while`, `until`, `for ((…))`).
    Repeat,
    /// Loop: once for each of some items (`for x in …`).
    Items,
    /// Status: what is an answer, or is asked for next, ends the script (`set -e`).
    EndsScript,
    /// Status: it is that of another command than the one that is meant.
    OfAnother,
    /// Status: it is the same whatever is asked.
    Constant,
    /// Status: an `exit` ends only a part of the script, and nobody asks how that ended.
    EndsPart,
    /// Pending: a fixed sleep stands for waiting.
    Pause,
    /// Action: a way out of it that may say that all is well.
    Ends,
    /// Status: `exit` or `return` is given words that are none.
    NoStatus,
    /// Status: tries that are used up end like one that succeeded.
    UsedUp,
    /// Status: where a text is empty, a test says yes.
    EmptySaysYes,
    /// Status: how a process ended that was waited for decides nothing.
    Dropped,
    /// Status: one of several answers keeps a removal from happening, and all others let it pass.
    OneState,
    /// Status: errexit does not hear of a failure.
    PassedOver,
    /// Status: the shell only waits for it, and gets the signals that it should get.
    StaysInFront,
    /// Anything else.
    Other,
}

/// What kind of thing a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThingKind {
    /// A path in a filesystem.
    Path,
    /// A text (line or pattern) in a file: the key is path and text.
    Text,
    /// A service by its canonical name in knowledge, else its unit name.
    Service,
    /// A mount at a directory.
    Mount,
    /// A user.
    User,
    /// A group.
    Group,
    /// A firewall rule with its table and chain.
    Rule,
    /// An address, route, interface or policy rule.
    Network,
    /// A database, role, schema or table.
    Database,
    /// A container, pod, network, volume of a container engine.
    Container,
    /// A block device, volume, filesystem, pool.
    Device,
    /// A server or engine that is asked: facts about it are "it could be asked".
    Server,
    /// A command that the shell finds by its name.
    Command,
    /// Anything else that has a name.
    Object,
    /// A value: what is known of a variable's content.
    Value,
    /// A step of the script: what is known of its having run.
    Step,
    /// A mark that rows give to commands: what is known of the commands that have it.
    Mark,
}

/// What can be known of a thing at a program point: it holds on *every* path that leads there.
///
/// Negative facts hold at the start and are killed by an event; that one is absent means that the event
/// happened on some path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactKind {
    /// It is there (path, or any named thing).
    Exists,
    /// It is known not to be there; a question that failed is no absence. Implies nothing-to-lose.
    Absent,
    /// Its existence was asked for on this path, whatever the answer.
    Asked,
    /// Path: a regular file. Implies exists.
    IsFile,
    /// Path: a directory. Implies exists.
    IsDir,
    /// Path: a symbolic link.
    IsLink,
    /// Path: a directory with nothing in it. Implies nothing-to-lose.
    EmptyDir,
    /// Path: no directory, or one with nothing in it: nothing is below it.
    NothingBelow,
    /// Path: nothing is below it but, perhaps, what is hidden by the dot that its name begins with.
    NothingShown,
    /// Path: a file of more than 0 bytes. Implies is-file.
    NonEmptyFile,
    /// Path, chain of rules or interface: this run created it. Implies nothing-to-lose.
    MadeHere,
    /// Path or set of rules: this run emptied, replaced or removed it: nothing of an earlier run is in it.
    RenewedHere,
    /// Path or mount: what this run did not empty or remove itself is hardly there, by what else is not.
    LikelyRenewed,
    /// Path: a copy of its present content exists elsewhere and the copying succeeded. Implies nothing-to-lose.
    BackedUp,
    /// Path: this run tried to make a copy of it, whether or not that succeeded, or looked at it.
    CopyTried,
    /// Path: its content equals that of another path. Implies nothing-to-lose.
    SameContent,
    /// Path: its content was compared with another path's and differs: the change is wanted.
    Differs,
    /// Path: what lies there was looked at or is kept: a link, content that was compared or searched; or it is nothing.
    /// Removing it is meant, and loses nothing unseen.
    Identified,
    /// Path: overwriting or deleting it loses nothing.
    NothingToLose,
    /// Path: what is there was looked at or is kept, or is nothing: the weakest of what excuses overwriting it.
    Guarded,
    /// Path: a validator accepted this content; travels with copies.
    ContentValidated,
    /// Path: this content was searched, and what was looked for is in it.
    ContentSearched,
    /// Path: the program that wrote it succeeded.
    ContentComplete,
    /// Path: a copy of a configuration as this run found it: not written before, and no failed test of it passed over.
    AsFound,
    /// Text: it occurs in the file.
    Contains,
    /// Text: it does not occur in the file.
    ContainsNot,
    /// Value: not the empty string.
    NonEmpty,
    /// Value: the empty string.
    IsEmpty,
    /// Value: compared with a list of allowed ones, or with a prefix that is not the root.
    Bounded,
    /// Variable: it does not hold this text.
    HoldsNot,
    /// Service: its configuration in use was accepted by its validator and not changed since.
    ConfigValid,
    /// Service: it runs.
    Active,
    /// Service: it does not run.
    Inactive,
    /// Service: a client of it got an answer.
    Answers,
    /// Service: its configuration differs from what it was, or was changed by this run.
    Changed,
    /// A lock is held.
    LockHeld,
    /// Step: only a first run comes here: what was asked for and not found, or could be made, is left by the run itself.
    FirstRun,
    /// Step: it succeeded on every path.
    Succeeded,
    /// Mark: a command with it succeeded, or an answer said so.
    Done,
    /// Mark: a command with it ran, whatever became of it.
    Tried,
    /// Negative, of a path or service: this script has not written it (a service: its configuration) yet.
    Unwritten,
    /// Negative, of a service: what this script wrote to its configuration, if anything, was accepted by its validator.
    NothingUnchecked,
    /// Negative, of a service, or of a path as it was last written: no validation of it failed and was passed over.
    NoFailedValidation,
    /// Negative, of a step (a `cd`): no failure of it was passed over.
    Clean,
    /// Negative, of a step: what it owes was paid since, on every path.
    Settled,
    /// Negative, of a thing: this script did not remove it.
    NotRemovedHere,
    /// Negative, of a service: this script did not stop it, or it runs again.
    NotStoppedHere,
    /// Negative, of a mark: no command with it ran yet.
    NotYet,
    /// Negative, of a mark: no failure of a command with it was passed over.
    NotFailed,
}

/// What a second, identical run of a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondRun {
    /// Same state, success.
    Ok,
    /// Fails; the state is as after the first run.
    Fails,
    /// Succeeds, and there is one more of the same.
    Duplicates,
    /// Succeeds, and is put inside the first one.
    Nests,
    /// Succeeds, and content is lost or made anew.
    Resets,
    /// Succeeds, with another effect than the first run.
    Differs,
}

/// What a written path is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathClass {
    /// Configuration of a service or of the host.
    Config,
    /// A file of one's own under a `*.d` directory.
    DropIn,
    /// Data of a service.
    State,
    /// Keys, certificates with keys, passwords.
    Secret,
    /// fstab, sudoers, sshd, boot, network: a mistake locks out or stops the boot.
    System,
    /// Temporary files, run time directories, build output.
    Scratch,
    /// Pid files, sockets, lock files.
    Lock,
    /// Copies to go back to.
    Backup,
    /// Caches.
    Cache,
    /// Devices.
    Device,
    /// Devices and descriptors that keep nothing: `/dev/null`, terminals, standard streams.
    Stream,
    /// Below the root of a system that is being built or is not the running one.
    Image,
    /// Service definitions.
    Unit,
    /// Logs.
    Log,
    /// Not known.
    #[default]
    Unknown,
}

/// What another command does for one: what stands in front of it, behind it or in its place where a script is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// A question that must be answered with yes before it.
    Precondition,
    /// A question that is answered with yes where an earlier run has made it already.
    Presence,
    /// It takes away what an earlier run may have left in its way.
    Clearance,
    /// It keeps what this would throw away.
    Rescue,
    /// It tells others of what this has changed.
    Announcement,
    /// A question that is answered with yes once it has had its effect.
    Postcondition,
    /// A question that is answered with yes once that is there which it needs.
    Readiness,
    /// It asks for the same gently, and succeeds where that was enough.
    Request,
    /// The same in the form that ends only when it has had its effect.
    Waiting,
    /// It does the same without the harm.
    Replacement,
}

/// What kind of thing a word is, where the word alone says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WordKind {
    /// A command that reads the files that its operands name, and changes none.
    ReadsOperands,
    /// A command that changes nothing that its words name.
    OnlyReads,
    /// A command that prints nothing where it gets no input.
    Filter,
    /// A command that prints nothing where it is told to be quiet: its status is the answer.
    QuietAnswers,
    /// A part of the name of a command that only tells somebody.
    Tells,
    /// A command that, outside of functions, only sets up what they need.
    SetsUp,
    /// A command of which nobody asks whether it failed.
    Prepares,
    /// A command that sets to rights what another has made.
    Tidies,
    /// An option that sends a program into the background.
    Daemonises,
    /// A word of a command that asks whether a process lives.
    AsksProcess,
    /// What a thing that must not be removed is said to be.
    LiveState,
    /// A name below `/proc/PID`.
    ProcessFile,
    /// A command that says on standard error why it failed.
    SaysWhy,
    /// A word for running a script without doing what it does.
    OnlyShows,
    /// A word of a comment that says whose a script is.
    NamesOwner,
    /// A directory that every system has.
    AlwaysThere,
    /// The end of the name of a variable that holds options.
    HoldsOptions,
    /// The beginning of a line to which those behind it belong.
    OpensSection,
    /// A word of a command, and the one with which the same command takes it back.
    UndoneBy,
}
