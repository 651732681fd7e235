//! [`AllowedPaths`]: where a provider may read, `param.allowed.paths` (KIP-993).

use std::path::{Component, Path, PathBuf};

/// Folders and files below which paths may be read. Links are followed, as Kafka does: secrets that Kubernetes mounts are
/// links.
#[derive(Debug, Clone)]
pub(super) struct AllowedPaths {
    /// `None`: everything may be read.
    paths: Option<Vec<PathBuf>>,
}

impl AllowedPaths {
    /// Reads the setting, which may be absent. Each path has to be absolute and there.
    pub(super) fn parse(setting: Option<&str>) -> Result<Self, String> {
        let Some(text) = setting.filter(|text| !text.is_empty()) else {
            return Ok(AllowedPaths { paths: None });
        };
        let paths = text.split(',').map(|path| {
            let path = normalised(Path::new(path.trim()));
            match (path.is_absolute(), path.exists()) {
                (false, _) => Err(format!("`{}` is no absolute path", path.display())),
                (true, false) => Err(format!("{} does not exist", path.display())),
                (true, true) => Ok(path),
            }
        });
        Ok(AllowedPaths {
            paths: Some(paths.collect::<Result<_, _>>()?),
        })
    }

    /// `path` as it may be read.
    pub(super) fn admit(&self, path: &str) -> Result<PathBuf, String> {
        let path = Path::new(path);
        let Some(allowed) = &self.paths else {
            return Ok(path.to_owned());
        };
        let path = normalised(path);
        match allowed.iter().any(|allowed| path.starts_with(allowed)) {
            true => Ok(path),
            false => Err(format!("{} is not below the provider's allowed.paths", path.display())),
        }
    }
}

/// The path without `.` and `..`, as `java.nio.file.Path.normalize` says it: by the names alone.
fn normalised(path: &Path) -> PathBuf {
    let mut names = PathBuf::new();
    for component in path.components() {
        match (component, names.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                names.pop();
            }
            (other, _) => names.push(other),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::AllowedPaths;

    fn check(allowed: &str, path: &str, expected: bool) {
        let allowed_paths = AllowedPaths::parse(Some(allowed)).expect("valid");
        assert_eq!(allowed_paths.admit(path).is_ok(), expected, "{allowed}: {path}");
    }

    #[test]
    fn only_what_is_below_an_allowed_path_is_read() {
        check("/usr/bin, /etc", "/etc/x", true);
        check("/etc", "/etc", true);
        check("/etc/", "/etc/a/../b", true);
        check("/etc/../usr", "/usr/x", true);
        check("/etc", "/etc/../root/x", false);
        check("/etc", "/../etc/x", true);
        check("/etc", "/etcetera/x", false);
        check("/etc", "etc/x", false);
        check("/etc", "../etc/x", false);
        check("/etc", "", false);
        check("", "anything", true);
    }

    #[test]
    fn an_allowed_path_has_to_be_absolute_and_there() {
        for (setting, part) in [("etc", "no absolute path"), ("/etc,/no-such-folder", "does not exist")] {
            let problem = AllowedPaths::parse(Some(setting)).expect_err("refused");
            assert!(problem.contains(part), "{problem}");
        }
        assert!(AllowedPaths::parse(None).is_ok_and(|all| all.admit("relative/x").is_ok()));
    }
}
