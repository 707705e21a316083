//! The word that the server stops, for every task that waits for something.

use tokio::sync::watch;

/// Gives the word; dropping it does too.
#[derive(Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

/// Gets the word.
#[derive(Debug, Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

pub(crate) fn stop() -> (Stop, Stopping) {
    let (stop, stopping) = watch::channel(false);
    (Stop(stop), Stopping(stopping))
}

impl Stop {
    pub(crate) fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Waits until the server stops; at once if it already does.
    pub(crate) async fn wait(&mut self) {
        // An error means that the sender is gone, and with it the server.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
