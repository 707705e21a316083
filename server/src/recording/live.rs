//! Records a match while it is served.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use tickwire_engine::{EcsGame, Sim};
use tickwire_protocol::Snapshot;

use super::RecordingFile;
use crate::Error;

/// Ticks that may wait for the disk: some seconds.
const WAITING: usize = 512;

/// A match that is being recorded, by a thread of its own: disks may be slow, ticks must not.
pub(crate) struct LiveRecording {
    thread: JoinHandle<()>,
}

impl LiveRecording {
    /// Records `sim` into a file until it is dropped.
    pub(crate) fn start<G: EcsGame>(path: PathBuf, sim: &mut Sim<G>) -> Result<Self, Error> {
        let mut file = RecordingFile::create(path, sim.schema())?;
        let (sender, snapshots) = sync_channel::<Arc<Snapshot>>(WAITING);
        let work = move || {
            let mut snapshots = snapshots.into_iter();
            let written = snapshots.try_for_each(|snapshot| file.push(&snapshot));
            if let Err(error) = written.and_then(|()| file.finish()) {
                tracing::error!(%error, "the recording has ended");
            }
        };
        let thread = thread::Builder::new().name("recording".to_owned());
        let thread = thread.spawn(work).map_err(Error::System)?;
        let mut sender = Some(sender);
        sim.watch(move |snapshot| {
            let sent = sender.as_ref().map(|to| to.try_send(Arc::clone(snapshot)));
            let Some(Err(error)) = sent else { return };
            if matches!(error, TrySendError::Full(_)) {
                // A gap would make nonsense of everything behind it.
                tracing::error!("the recording has ended: the disk is too slow for it");
            }
            sender = None;
        });
        Ok(Self { thread })
    }

    /// Waits until everything is written; the match is over.
    pub(crate) fn finish(self) {
        let _ = self.thread.join();
    }
}
