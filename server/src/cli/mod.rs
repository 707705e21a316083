mod file;
mod parse;
mod setting;
