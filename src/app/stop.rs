//! The end of a running process.

use anyhow::{Context, Result};
use tokio::runtime::Builder;

/// Calls `stop` at the first Ctrl-C, or the first time the system asks the process to end. A second
/// one ends it on the spot.
///
/// # Errors
/// When the system does not let signals be taken.
pub fn on_signal(stop: impl Fn() + Send + 'static) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build();
    let runtime = runtime.context("cannot wait for signals")?;
    let signals = {
        let _inside = runtime.enter();
        Signals::new().context("cannot wait for signals")?
    };
    let wait = move || runtime.block_on(wait(signals, stop));
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait)?;
    Ok(())
}

async fn wait(mut signals: Signals, stop: impl Fn()) {
    signals.next().await;
    stop();
    signals.next().await;
    // As a shell reports a program that Ctrl-C has ended.
    std::process::exit(130);
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let interrupt = self.interrupt.poll_recv(context).is_ready();
            let ready = interrupt || self.terminate.poll_recv(context).is_ready();
            if ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        // If it cannot be waited for, nothing is ever told.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
