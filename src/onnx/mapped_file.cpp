#include "onnx/mapped_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "base/platform.h"

namespace sardonyx {
namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Status system_error(std::string_view path, int error) {
  return fail(Code::kFile, quoted(path), ": ", std::strerror(error));
}

std::string_view kind_of_file(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The path with every symbolic link followed; "" if it does not lead anywhere.
std::string real_path(const std::string& path) {
  char* p = ::realpath(path.c_str(), nullptr);
  std::string s = p ? p : "";
  std::free(p);
  return s;
}

bool is_below(std::string_view path, std::string_view folder) {
  if (folder.empty()) return false;
  if (folder == "/") return true;
  return path.size() > folder.size() + 1 && path.substr(0, folder.size()) == folder && path[folder.size()] == '/';
}

Status check_name(std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    return fail(Code::kFile, "external data ", quoted(name), ": ", why);
  };
  if (name.empty()) return refuse("the file name is missing");
  if (name.size() >= PATH_MAX || name.find('\0') != name.npos) return refuse("this is not a file name");
  if (name[0] == '/' || name[0] == '\\' || name.find(':') == 1) return refuse("an absolute path is not allowed");
  for (size_t at = 0; at <= name.size();) {
    const size_t end = std::min(name.find_first_of("/\\", at), name.size());
    if (name.substr(at, end - at) == "..") return refuse("a path that leaves the model's folder is not allowed");
    at = end + 1;
  }
  return {};
}

// One state of one file: a change of its contents changes its times.
struct FileId {
  static FileId of(const struct stat& st) {
    return {static_cast<uint64_t>(st.st_dev),          static_cast<uint64_t>(st.st_ino),
            static_cast<uint64_t>(st.st_size),         static_cast<uint64_t>(st.st_mtim.tv_sec),
            static_cast<uint64_t>(st.st_mtim.tv_nsec), static_cast<uint64_t>(st.st_ctim.tv_sec),
            static_cast<uint64_t>(st.st_ctim.tv_nsec)};
  }
  uint64_t device, inode, size, modified, modified_ns, changed, changed_ns;
  bool operator==(const FileId&) const = default;
};

// The living mappings of the process.
class Mappings {
 public:
  template <class F>
  Result<BufferPtr> get(const FileId& id, F&& map) {
    std::lock_guard lock(mutex_);
    std::erase_if(entries_, [](const Entry& e) { return e.buffer.expired(); });
    for (const Entry& e : entries_)
      if (e.id == id)
        if (BufferPtr b = e.buffer.lock()) return b;
    SDX_TRY(BufferPtr b, map());
    entries_.push_back({id, b});
    return b;
  }

 private:
  struct Entry {
    FileId id;
    std::weak_ptr<Buffer> buffer;
  };
  std::mutex mutex_;
  std::vector<Entry> entries_;
};

Mappings& mappings() {
  static Mappings* all = new Mappings;  // never destroyed: sessions may outlive static destruction
  return *all;
}

}  // namespace

Result<BufferPtr> map_file(const std::string& path, bool may_be_link) {
  if (path.find('\0') != path.npos) return fail(Code::kFile, quoted(path), ": this is not a file name");
  // Not blocking: opening a pipe must not wait for a writer.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (may_be_link ? 0 : O_NOFOLLOW)));
  if (fd.get() < 0) return system_error(path, errno);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return system_error(path, errno);
  if (!S_ISREG(st.st_mode))
    return fail(Code::kFile, quoted(path), " is ", kind_of_file(st.st_mode), ", expected a file");
  const size_t size = static_cast<size_t>(st.st_size);
  if (size == 0) return Buffer::heap(0);
  return mappings().get(FileId::of(st), [&]() -> Result<BufferPtr> {
    const void* p = platform::map_file(fd.get(), size);
    if (p == nullptr) return system_error(path, errno);
    return Buffer::mapped(const_cast<void*>(p), size, [p, size] { platform::unmap_file(p, size); });
  });
}

Result<FileWriter> FileWriter::open(const std::string& path) {
  std::string temporary = cat(path, ".", static_cast<int64_t>(::getpid()), ".part");
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return system_error(path, errno);
  return FileWriter(path, std::move(temporary), fd);
}

FileWriter::FileWriter(FileWriter&& o) noexcept
    : path_(std::move(o.path_)), temporary_(std::move(o.temporary_)), fd_(std::exchange(o.fd_, -1)), size_(o.size_) {}

FileWriter::~FileWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

Status FileWriter::write(std::string_view bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return system_error(path_, errno);
    if (n > 0) bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Status FileWriter::pad_to(size_t offset) {
  constexpr char zeros[4096] = {};
  while (size_ < offset) SDX_RETURN_IF_ERROR(write({zeros, std::min(sizeof zeros, offset - size_)}));
  return {};
}

Status FileWriter::close() {
  const int error =
      ::close(std::exchange(fd_, -1)) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0 ? errno : 0;
  if (error == 0) return {};
  ::unlink(temporary_.c_str());
  return system_error(path_, error);
}

Result<BufferPtr> ExternalFiles::get(std::string_view name) {
  if (auto it = files_.find(std::string(name)); it != files_.end()) return it->second;
  SDX_RETURN_IF_ERROR(check_name(name));
  std::string key(name);
  SDX_TRY(BufferPtr bytes, open(key));
  return files_[std::move(key)] = std::move(bytes);
}

Result<BufferPtr> ExternalFiles::open(const std::string& name) const {
  const auto refuse = [&](std::string_view why) {
    return fail(Code::kFile, "external data ", quoted(name), ": ", why);
  };
  if (forbidden_) return refuse("external data is switched off for this load");
  std::string folder = folder_;
  if (folder.empty() && !model_path_.empty()) folder = folder_of(model_path_);
  if (folder.empty())
    return refuse("the model came from memory, so its folder is not known").hint("give the folder in the load options");
  const std::string found = real_path(cat(folder, "/", name));
  if (found.empty()) return refuse(cat("there is no such file in the model's folder ", quoted(folder)));
  const bool inside = is_below(found, real_path(folder)) ||
                      (!model_path_.empty() && is_below(found, folder_of(real_path(model_path_))));
  if (!inside) return refuse("a link leads out of the model's folder, which is not allowed");
  return map_file(found, /*may_be_link=*/false);
}

}  // namespace sardonyx
