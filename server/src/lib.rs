//! Listener, a task per player and the command line that every Tickwire game gets.
