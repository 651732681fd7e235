//! [`Login`]: the login module and its options out of a `sasl.jaas.config`; [`Credentials`]: a user name and password among them.
//!
//! Java's login configuration names a class to load; here only its options count, and only the classes of the supported
//! mechanisms are accepted. Others have been a way to run foreign code (CVE-2023-25194), so they are refused by name.

/// A login module and its options. No `Debug`: it would print passwords.
pub(super) struct Login {
    pub(super) module: String,
    pub(super) options: Vec<(String, String)>,
}

/// A user name and password for SASL. No `Debug`: it would print the password.
pub(super) struct Credentials {
    pub(super) username: String,
    pub(super) password: String,
}

const MODULES: [&str; 2] = [
    "org.apache.kafka.common.security.plain.PlainLoginModule",
    "org.apache.kafka.common.security.scram.ScramLoginModule",
];

impl Login {
    /// Reads `Module required name="value" ...;`. A problem never repeats the text: it can hold passwords.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Tokens { rest: text };
        let module = tokens.next_token().ok_or("it is empty")?;
        match tokens.next_token().map(|flag| flag.to_lowercase()).as_deref() {
            Some("required" | "requisite" | "sufficient" | "optional") => {}
            _ => return Err("the word `required` is expected after the login module".to_owned()),
        }
        let mut options = Vec::new();
        loop {
            match tokens.next_token() {
                Some(end) if end == ";" => break,
                None => return Err("it must end with a semicolon".to_owned()),
                Some(option) => {
                    if tokens.next_token().as_deref() != Some("=") {
                        return Err("each option must have the form name=\"value\"".to_owned());
                    }
                    options.push((option, tokens.next_token().ok_or("an option has no value")?));
                }
            }
        }
        if tokens.next_token().is_some() {
            return Err("only one login module can be used".to_owned());
        }
        Ok(Login { module, options })
    }

    /// Fails unless the module is one of these.
    pub(super) fn only_of(self, modules: &[&str]) -> Result<Self, String> {
        if modules.contains(&self.module.as_str()) {
            return Ok(self);
        }
        Err(format!(
            "login module `{}` is not supported; use one of {}",
            self.module,
            modules.join(", ")
        ))
    }
}

impl Credentials {
    /// Reads `Module required username="u" password="p";`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let login = Login::parse(text)?.only_of(&MODULES)?;
        let (mut username, mut password) = (None, None);
        for (option, value) in login.options {
            match option.as_str() {
                "username" => username = Some(value),
                "password" => password = Some(value),
                other => return Err(format!("option `{other}` is not supported")),
            }
        }
        Ok(Credentials {
            username: username.ok_or("option `username` is missing")?,
            password: password.ok_or("option `password` is missing")?,
        })
    }
}

/// Words, quoted texts, `=` and `;`, as Java's stream tokenizer cuts them.
struct Tokens<'a> {
    rest: &'a str,
}

impl Tokens<'_> {
    fn next_token(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let first = self.rest.chars().next()?;
        match first {
            '=' | ';' => {
                self.rest = self.rest.strip_prefix(first)?;
                Some(first.to_string())
            }
            '"' | '\'' => self.quoted(first),
            _ => {
                let end = self
                    .rest
                    .find(|c: char| c.is_whitespace() || c == '=' || c == ';')
                    .unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                Some(word.to_owned())
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.rest = self.rest.get(at + c.len_utf8()..)?;
                return Some(text);
            }
            if c == '\\' {
                text.push(chars.next()?.1);
            } else {
                text.push(c);
            }
        }
        None
    }
}
