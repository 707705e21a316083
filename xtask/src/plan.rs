//! A plan is a list of named steps: it prints which one runs, how long it took, and a summary at the end.

use crate::failure::{Failure, Result};
use std::time::{Duration, Instant};

/// How a step ended well.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did its work; the text, perhaps empty, is a remark for the summary.
    Done(String),
    /// It could not run on this machine, for this reason.
    Skipped(String),
}

impl Outcome {
    /// Done, with nothing to remark.
    pub(crate) const fn done() -> Self {
        Self::Done(String::new())
    }
}

/// One step of a plan.
pub(crate) struct Step<'a> {
    /// One word, as typed on the command line.
    pub(crate) name: &'static str,
    /// What it does, for a person.
    pub(crate) about: &'static str,
    /// Steps of the same plan without which this one only repeats their failure.
    pub(crate) needs: &'static [&'static str],
    /// The work itself.
    pub(crate) work: Box<dyn Fn() -> Result<Outcome> + 'a>,
}

/// What became of one step.
enum Ending {
    Ended(Outcome),
    Failed(Failure),
    /// Not started, because the named step failed.
    NotRun(&'static str),
}

struct Line {
    name: &'static str,
    took: Duration,
    ending: Ending,
}

/// Runs every step whose needs were met, even after a failure, and prints a summary to stdout.
/// One run then shows everything that is wrong.
pub(crate) fn run_all(steps: &[Step<'_>]) -> Result {
    let mut lines: Vec<Line> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let missing = step.needs.iter().find(|need| {
            lines.iter().any(|line| {
                line.name == **need && !matches!(line.ending, Ending::Ended(Outcome::Done(_)))
            })
        });
        lines.push(match missing {
            Some(need) => not_run(step, need),
            None => run_step(step, index + 1, steps.len()),
        });
        if let Some(Line {
            ending: Ending::Failed(failure),
            ..
        }) = lines.last()
        {
            eprintln!("error: {failure}");
        }
    }
    print!("\n{}", summary(&lines));
    let failed: Vec<&str> = lines
        .iter()
        .filter(|line| matches!(line.ending, Ending::Failed(_)))
        .map(|line| line.name)
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("{} of {} steps failed", failed.len(), steps.len()),
        format!("see above for the reason of each: {}", failed.join(", ")),
        format!(
            "repair them, then repeat only these: cargo xtask test {}",
            failed.join(" ")
        ),
    ))
}

/// Runs the steps one after the other; the first failure ends the plan.
pub(crate) fn run_chain(steps: &[Step<'_>]) -> Result {
    for (index, step) in steps.iter().enumerate() {
        if let Ending::Failed(failure) = run_step(step, index + 1, steps.len()).ending {
            return Err(failure);
        }
    }
    Ok(())
}

fn run_step(step: &Step<'_>, number: usize, of: usize) -> Line {
    eprintln!("\n[{number}/{of}] {}: {}", step.name, step.about);
    let start = Instant::now();
    let result = (step.work)();
    let took = start.elapsed();
    let seconds = seconds(took);
    let ending = match result {
        Ok(outcome) => {
            match &outcome {
                Outcome::Done(remark) if remark.is_empty() => {
                    eprintln!("[{number}/{of}] {}: done in {seconds} s", step.name);
                }
                Outcome::Done(remark) => {
                    eprintln!(
                        "[{number}/{of}] {}: done in {seconds} s: {remark}",
                        step.name
                    );
                }
                Outcome::Skipped(reason) => {
                    eprintln!("[{number}/{of}] {}: skipped: {reason}", step.name);
                }
            }
            Ending::Ended(outcome)
        }
        Err(failure) => {
            eprintln!("[{number}/{of}] {}: FAILED after {seconds} s", step.name);
            Ending::Failed(failure)
        }
    };
    Line {
        name: step.name,
        took,
        ending,
    }
}

fn not_run(step: &Step<'_>, need: &'static str) -> Line {
    Line {
        name: step.name,
        took: Duration::ZERO,
        ending: Ending::NotRun(need),
    }
}

fn summary(lines: &[Line]) -> String {
    let width = lines
        .iter()
        .map(|line| line.name.len())
        .max()
        .unwrap_or(0)
        .max(5);
    let mut text = format!("{:<width$}  seconds  result\n", "step");
    for line in lines {
        let result = match &line.ending {
            Ending::Ended(Outcome::Done(remark)) if remark.is_empty() => "ok".to_owned(),
            Ending::Ended(Outcome::Done(remark)) => format!("ok: {remark}"),
            Ending::Ended(Outcome::Skipped(reason)) => format!("skipped: {reason}"),
            Ending::Failed(failure) => format!("FAILED: {}", failure.what()),
            Ending::NotRun(need) => format!("not run, it needs {need}"),
        };
        text += &format!(
            "{:<width$}  {:>7}  {result}\n",
            line.name,
            seconds(line.took)
        );
    }
    let total = lines.iter().map(|line| line.took).sum();
    text + &format!("{:<width$}  {:>7}\n", "total", seconds(total))
}

/// Seconds with one decimal, as every line shows them.
fn seconds(took: Duration) -> String {
    format!("{:.1}", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Step, run_all, run_chain, seconds};
    use crate::failure::{Failure, Result};
    use std::{cell::RefCell, time::Duration};

    /// Steps `a`, `b` (which needs `a`) and `c`; each notes that it ran, and `failing` fails.
    fn run(plan: fn(&[Step<'_>]) -> Result, failing: &str) -> (bool, Vec<&'static str>) {
        let ran = RefCell::new(Vec::new());
        let step = |name: &'static str, needs: &'static [&'static str]| Step {
            name,
            about: "a step of the test",
            needs,
            work: Box::new({
                let ran = &ran;
                move || {
                    ran.borrow_mut().push(name);
                    if name == failing {
                        return Err(Failure::new("it failed", "it was told to", "nothing"));
                    }
                    Ok(Outcome::done())
                }
            }),
        };
        let ok = plan(&[step("a", &[]), step("b", &["a"]), step("c", &[])]).is_ok();
        (ok, ran.into_inner())
    }

    #[test]
    fn a_full_run_goes_on_after_a_failure_but_not_into_what_needs_it() {
        assert_eq!(run(run_all, "none"), (true, vec!["a", "b", "c"]));
        assert_eq!(run(run_all, "a"), (false, vec!["a", "c"]));
        assert_eq!(run(run_all, "b"), (false, vec!["a", "b", "c"]));
    }

    #[test]
    fn a_chain_stops_at_the_first_failure() {
        assert_eq!(run(run_chain, "none"), (true, vec!["a", "b", "c"]));
        assert_eq!(run(run_chain, "b"), (false, vec!["a", "b"]));
    }

    #[test]
    fn time_is_shown_in_tenths_of_a_second() {
        assert_eq!(seconds(Duration::from_millis(1_250)), "1.2");
    }
}
