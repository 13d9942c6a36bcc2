//! A search in words, for reports.

use manifest::Rules;
use notebook::{counted, python_repr};
use search::{Direction, Domain, Parameter};
use serde_json::Value;

use crate::Tuning;

impl<T: Rules + Clone + Send + Sync> Tuning<'_, T> {
    /// Who suggests how many trials, what is best, what a trial is, and on what it is measured, in Markdown.
    pub fn describe(&self) -> String {
        let search = self.search;
        let sampler = serde_json::to_value(search.sampler).unwrap_or(Value::Null);
        let best = match search.direction {
            Direction::Minimize => "smallest",
            Direction::Maximize => "largest",
        };
        let parameters: Vec<String> = search.parameters.parameters().iter().map(described).collect();
        let trial = match search.repeats {
            1 => "one training".to_owned(),
            repeats => format!("the median of {repeats} trainings from different seeds"),
        };
        let measured = search.validation_split.map_or_else(String::new, |share| {
            format!(
                " Then the search is run once more, measured on training rows that are held out, a share of {share:?}."
            )
        });
        format!(
            "Sampler `{}` suggests {}, and the {best} `{}` is the best. A trial is {trial}, measured on the test data, as in the \
             post.{measured} What is searched:\n\n{}",
            sampler.as_str().unwrap_or_default(),
            counted(search.trials.into(), "trial"),
            search.objective,
            parameters.concat(),
        )
    }
}

/// A line of a list: the parameter, and what it can be.
fn described(Parameter { name, domain, .. }: &Parameter) -> String {
    let of = |log: bool| if log { ", on a logarithmic scale" } else { "" };
    let domain = match domain {
        Domain::Categorical { values } => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Domain::Integer { min, max, log, .. } => format!("a whole number from {min} to {max}{}", of(*log)),
        Domain::Float { min, max, log, .. } => {
            format!("from {} to {}{}", python_repr(*min), python_repr(*max), of(*log))
        }
    };
    format!("- `{name}`: {domain}\n")
}
